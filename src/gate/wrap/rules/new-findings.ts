import type { Finding } from '../../../core/finding.ts'
import { atLeast } from '../../../core/severity.ts'
import type { Look } from '../moment.ts'
import type { Wrapped } from '../wrapped.ts'
import { defineWrapRule } from '../wrapped.ts'

/** What each check's finding becomes, where nobody mends it: the id of a cause. */
export const consequences: Readonly<Record<string, string>> = {
  'availability/no-writable-primary': 'server/stopped',
  'availability/split-brain': 'replication/split-brain',
  'capacity/locks-blocking': 'contention/lock',
  'capacity/long-transaction': 'contention/lock',
  'capacity/xid-wraparound': 'capacity/wraparound',
  'configuration/dangerous-durability': 'integrity/table-corruption',
  'configuration/file-error': 'server/config-prevents-start',
  'configuration/preload-library-missing': 'server/config-prevents-start',
  'configuration/standby-capacity-params': 'replication/standby-disconnected',
  'configuration/would-not-start': 'server/config-prevents-start',
  'connections/hba-error': 'connection/access-rules',
  'connections/hba-not-live': 'connection/access-rules',
  'connections/parameter-drift': 'connection/role-settings',
  'connections/role-db-settings': 'connection/role-settings',
  'connections/role-limit': 'connection/role-limit',
  'connections/saturation': 'connection/exhausted',
  'errors/corruption-signature': 'integrity/table-corruption',
  'errors/panic-or-crash': 'server/crash',
  'integrity/checksum-failures': 'integrity/table-corruption',
  'integrity/invalid-index': 'integrity/index-corruption',
  'replication/lag-bytes': 'replication/lag-load',
  'replication/lag-time': 'replication/lag-load',
  'replication/replay-paused': 'replication/delayed-apply',
  'replication/replica-identity': 'replication/replica-identity',
  'replication/sequence-behind': 'integrity/sequence-behind',
  'replication/slot-inactive': 'capacity/slot-retains-wal',
  'replication/slot-lost': 'replication/slot-lost',
  'replication/slot-missing': 'replication/slot-missing',
  'replication/standby-conflicts': 'replication/replay-conflict',
  'replication/standby-connected': 'replication/standby-disconnected',
  'replication/subscription-down': 'replication/subscription-disabled',
  'replication/subscription-errors': 'replication/apply-conflict',
  'replication/subscription-table-not-ready': 'replication/publication-incomplete',
  'replication/sync-standby-missing': 'replication/sync-standby-missing',
}

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

/** What `check` finds now and did not find before; a finding that is gone again at the second look is only a warning. */
export default defineWrapRule({
  id: 'check/new-finding',
  consequence: 'application/error',
  severity: 'error',
  question: 'Does check find nothing that it did not find before the command?',
  *run(wrapped) {
    for (const finding of newFindings(wrapped.before, wrapped.after)) {
      const { check, subject, node, severity, message, remedy } = finding
      const isGone = wrapped.again !== null && !findingsOf(wrapped.again).some((one) => keyOf(one) === keyOf(finding))
      yield {
        rule: check,
        object: subject,
        nodes: node === undefined ? [] : [node],
        severity: isGone ? 'warning' : severity,
        consequence: consequences[check] ?? 'application/error',
        message: isGone ? `${message} (for a moment: it was gone at the second look)` : message,
        remedy,
      }
    }
  },
})

/** Of the severity of a warning or above, and muted by nobody. */
export function newFindings(before: Look, after: Look): readonly Finding[] {
  const known = new Set(findingsOf(before).map(keyOf))
  return findingsOf(after).filter((finding) => !known.has(keyOf(finding)))
}

const findingsOf = ({ results }: Look): readonly Finding[] =>
  results
    .filter(({ check }) => !elsewhere.has(check))
    .flatMap(({ found }) => found)
    .filter(({ severity, muted }) => muted === undefined && atLeast(severity, 'warning'))

const keyOf = ({ check, subject, node }: Finding): string => JSON.stringify([check, subject, node])

export const isNewlyWrong = ({ before, after }: Pick<Wrapped, 'before' | 'after'>): boolean =>
  newFindings(before, after).length > 0
