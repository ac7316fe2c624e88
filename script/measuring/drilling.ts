import { program, catalogueDigest, catalogue } from '../../src/cli/program.ts'
import type { Drill } from '../../src/drills/scene.ts'
import { runDrill, type DrillRun } from '../../src/drills/run.ts'

/** One drill in a lab of its own, closed when it is over. */
export async function drillOnce(drill: Drill, seed: number): Promise<Omit<DrillRun, 'lab'>> {
  const run = await runDrill(drill, seed, {
    catalogue: catalogue({}),
    program,
    digest: catalogueDigest(),
    clock: Date.now,
    signal: new AbortController().signal,
    onNews: () => undefined,
  })
  await run.lab.close()
  return run
}

/** The value below which this share lies, by nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
