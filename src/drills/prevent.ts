import { createHash } from 'node:crypto'
import { canonicalJson } from '../core/json.ts'
import type { DrillResult } from '../core/drill.ts'
import { rehearse, type RehearsalReport } from '../gate/rehearse.ts'
import type { DrillRun } from './run.ts'

export interface Prevention {
  /** The change as it was made, before the gate. */
  readonly asMade: RehearsalReport
  /** The change as it should have been. */
  readonly corrected: RehearsalReport
  readonly prevented: DrillResult['prevented']
  /** sha256 of both reports. */
  readonly artefact: string
}

/** The same migration a second time, through the gate: on the lab as it was before the outage. Null where a drill has no migration. */
export async function prevent(
  run: Pick<DrillRun, 'act' | 'cluster' | 'lab' | 'scene'>,
  {
    rule,
    signal,
    progress,
  }: { readonly rule: string; readonly signal: AbortSignal; readonly progress: (words: string) => void },
): Promise<Prevention | null> {
  const { migrations, truth } = run.act
  if (!migrations) return null
  progress('the servers are put back to where they were before')
  await run.lab.reset(signal)
  const serving = new Set(run.scene.reads)
  const through = async (name: string, text: string): Promise<RehearsalReport> =>
    rehearse({ cluster: run.cluster, files: [{ name, text }], serving, signal, progress })
  const asMade = await through('as-made.sql', migrations.asMade)
  const corrected = await through('corrected.sql', migrations.corrected)
  const refusal = asMade.findings.find((finding) => finding.rule === rule && finding.object === truth.subject)
  return {
    asMade,
    corrected,
    ...(asMade.verdict === 'block' && refusal && corrected.verdict !== 'block'
      ? { prevented: { by: `gate:${refusal.rule}`, ms: Math.round(asMade.tookMs) } }
      : { prevented: undefined }),
    artefact: createHash('sha256')
      .update(canonicalJson([asMade, corrected]))
      .digest('hex'),
  }
}
