import type { Finding } from '../../core/finding.ts'
import { atLeast } from '../../core/severity.ts'
import type { Look } from './moment.ts'

/** Others of the gate's own rules look at these, and know more of what was before. */
const elsewhere = new Set([
  'connections/contract',
  'connections/reachable',
  'replication/row-consistency',
  'replication/schema-parity',
  'replication/table-not-published',
  // It says that nothing was accepted as good, or that something is otherwise: the difference is told by itself.
  'configuration/changed-since-lkg',
  'configuration/pending-restart',
])

/** Of the severity of a warning or above, and muted by nobody. */
export function newFindings(before: Look, after: Look): readonly Finding[] {
  const known = new Set(findingsOf(before).map(keyOf))
  return findingsOf(after).filter((finding) => !known.has(keyOf(finding)))
}

export const findingsOf = ({ results }: Look): readonly Finding[] =>
  results
    .filter(({ check }) => !elsewhere.has(check))
    .flatMap(({ found }) => found)
    .filter(({ severity, muted }) => muted === undefined && atLeast(severity, 'warning'))

export const keyOf = ({ check, subject, node }: Finding): string => JSON.stringify([check, subject, node])
