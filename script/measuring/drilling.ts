import type { Withheld } from '../../src/drills/lab-cluster.ts'
import { program, catalogueDigest, catalogue } from '../../src/cli/program.ts'
import type { Drill } from '../../src/drills/scene.ts'
import { runDrill, type DrillRun } from '../../src/drills/run.ts'

/** One drill in a lab of its own, closed when it is over; `beside` it watch others, each without some evidence. */
export async function drillOnce(
  drill: Drill,
  seed: number,
  beside: readonly (readonly Withheld[])[] = [],
): Promise<Omit<DrillRun, 'lab'>> {
  const run = await runDrill(drill, seed, {
    catalogue: catalogue({}),
    program,
    digest: catalogueDigest(),
    clock: Date.now,
    signal: new AbortController().signal,
    onNews: () => undefined,
    beside,
  })
  await run.lab.close()
  return run
}
