import type { ClusterConfig } from '../../../core/configuration.ts'
import type { GateFinding } from '../../../core/gate.ts'
import { testContracts } from '../look-closely.ts'
import { newlyFailing } from '../newly-failing.ts'
import type { Wrapped } from '../wrapped.ts'
import { latest } from '../wrapped.ts'
import { objectOf } from './plan-restore.ts'
import type { Restored } from './restore.ts'

/** Does the application get in again with the old bytes? */
export async function restoredNotes(
  { plan, files, problem }: Restored,
  wrapped: Wrapped,
  cluster: ClusterConfig,
  key: Buffer,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (files.length === 0) return [`nothing was put back: ${problem ?? ''}`]
  const ofApplication = files.filter((one) => wrapped.connections.every(({ before }) => objectOf(before) !== one))
  const told = [
    `put back byte for byte: ${files.join(', ')} (antemortem mend undo ${plan} writes it again as the command had left it)`,
    ...(problem === null ? [] : [`not all was put back: ${problem}`]),
  ]
  if (ofApplication.length === 0) return told
  const still = newlyFailing({
    ...wrapped,
    again: { ...latest(wrapped), contracts: await testContracts(cluster, key, signal) },
  })
  return [
    ...told,
    still.length === 0
      ? 'with the old settings the application gets in again; an instance that has read the new ones must be restarted'
      : `with the old settings ${still.map(({ fact }) => `${fact.instance} → ${fact.node}`).join(', ')} still fails: ${still[0]?.fact.message ?? ''}`,
  ]
}

/** What has been done already is no order any more. Pure. */
export const withRestored = (findings: readonly GateFinding[], files: readonly string[]): readonly GateFinding[] =>
  findings.map((finding) => {
    const file = files.find((each) => finding.object === each || finding.object.startsWith(`${each}#`))
    if (file !== undefined && finding.rule === 'replication/connection-rewritten')
      return {
        ...finding,
        remedy: 'Its connection string has been put back as it was: its worker starts anew with it.',
      }
    return file === undefined || finding.rule !== 'connection/contract-fails'
      ? finding
      : { ...finding, remedy: `${file} has been put back as it was: restart whoever has read it meanwhile.` }
  })
