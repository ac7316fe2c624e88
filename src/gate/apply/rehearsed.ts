import { AntemortemError } from '../../core/error.ts'
import { canonicalJson } from '../../core/json.ts'
import type { GateReport } from '../../core/gate.ts'
import type { Severity } from '../../core/severity.ts'
import { atLeast } from '../../core/severity.ts'
import type { ChangeText } from '../change/read-change.ts'
import { kindOfFile } from '../files/kind-of-file.ts'
import type { RehearsalReport, RehearseOptions } from '../rehearse.ts'
import { rehearse } from '../rehearse.ts'
import { stateOf, stateText } from './cluster-state.ts'
import type { GateRecords, KeptRehearsal } from './kept.ts'
import { lookAtCluster } from './reach.ts'

const limits = {
  validMs: { default: 24 * 3_600_000, unit: 'ms', why: 'rows and load of production are others after a day' },
} as const

export type Digest = (text: string) => string

/**
 * Of exactly these texts in this order, comments included: a section or an ignore is part of a change. What a file is its name
 * says: the same text is another change as another file of a server.
 */
export const changeDigest = (files: readonly ChangeText[], digest: Digest): string =>
  digest(canonicalJson(files.map(({ name, text }) => (kindOfFile(name) === 'sql' ? text : [kindOfFile(name), text]))))

const nameOf = (cluster: string, change: string): string => `${cluster}/${change}`

/** Rehearses a change and keeps what came of it, with what the cluster was just before. */
export async function rehearseAndKeep(
  options: RehearseOptions,
  { records, digest }: { readonly records: GateRecords; readonly digest: Digest },
): Promise<{ readonly kept: KeptRehearsal; readonly report: RehearsalReport }> {
  const { cluster, files, signal } = options
  // As it is before the rehearsal has read it; what is wrong with the change itself is told first.
  const looking = lookAtCluster(cluster, signal)
  looking.catch(() => undefined)
  const report = await rehearse(options)
  const state = stateOf(await looking)
  const kept = { fingerprint: digest(stateText(state)), state, report }
  await records.save('gate-rehearsal', nameOf(cluster.name, changeDigest(files, digest)), kept)
  return { kept, report }
}

/** The rehearsal of this change, if it was made lately; whether it was of the same cluster, its fingerprint says. */
export async function lastRehearsal(
  records: GateRecords,
  { cluster, change, nowMs }: { readonly cluster: string; readonly change: string; readonly nowMs: number },
): Promise<KeptRehearsal | null> {
  const found = await records.find('gate-rehearsal', nameOf(cluster, change))
  return found && nowMs - found.atMs < limits.validMs.default ? found.body : null
}

/** A finding that was let through by another `--fail-on` blocks again under this one. */
export const blocks = ({ findings }: GateReport, failOn: Severity): boolean =>
  findings.some(({ severity }) => atLeast(severity, failOn))

export const changedMeanwhile = (names: readonly string[]): AntemortemError =>
  new AntemortemError(
    'cluster-changed',
    `the cluster changed while the change was rehearsed: ${names.slice(0, 5).join(', ')}`,
    'Run the same command again when nobody else changes it.',
  )
