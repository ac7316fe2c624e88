import { defineCheck } from '../../core/check.ts'
import { lsnDistance } from '../../core/lsn.ts'
import { subject } from '../../core/subject.ts'
import { isSameServer } from '../../core/upstream.ts'

/** Two copies of one system that both take writes: from the first one on, rows are lost whichever of them stays. */
export default defineCheck({
  id: 'availability/split-brain',
  on: ['postgres'],
  severity: 'critical',
  harm: true,
  needs: ['server', 'wal'],
  wants: ['settings', 'activity', 'senders'],
  question: 'Is no more than one copy of a system writable?',
  seeds: [0, 4],
  *run({ nodes }) {
    // A subscriber takes writes by nature; two that subscribe to each other are meant so.
    const open = nodes
      .filter(({ server, role }) => !server.inRecovery && role !== 'subscriber')
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .filter((node, i, all) => !all.slice(0, i).some((before) => isSameServer(before, node)))
    for (const group of Map.groupBy(open, ({ server }) => server.systemId).values()) {
      const [first] = group
      // The nodes of a round are read within a second, and a switchover may fall into it: two rounds are no accident.
      const wasOpen = group.every(
        ({ earlier, seenMs }) => earlier.findLast(({ atMs }) => atMs < seenMs.server)?.server.inRecovery !== true,
      )
      if (group.length < 2 || !first || !wasOpen) continue
      const names = group.map(({ name }) => name).join(', ')
      const each = (of: (node: (typeof group)[number]) => string | number | null | undefined): string =>
        group.map((node) => `${node.name} ${of(node) ?? '?'}`).join(', ')
      yield {
        subject: subject.node(first.name),
        message: `${names} are copies of one system and all of them are writable: what one takes the other does not have`,
        evidence: {
          system_identifier: first.server.systemId,
          timeline: each(({ wal }) => wal.timeline),
          pg_current_wal_lsn: each(({ wal }) => wal.writeLsn),
          written_bytes: each((node) => {
            const from = node.earlier.find(({ wal }) => wal.writeLsn !== null)?.wal.writeLsn
            return from == null || node.wal.writeLsn === null ? null : lsnDistance(from, node.wal.writeLsn)
          }),
          client_sessions: each(({ wanted }) => wanted.activity?.use.reduce((sum, { total }) => sum + total, 0)),
          walsenders: each(({ wanted }) => wanted.senders?.length),
          started: each(({ server }) => new Date(server.startedMs).toISOString()),
        },
        remedy: `Decide now which one stays: the one that clients write to. On each of the others: alter system set default_transaction_read_only = on; select pg_reload_conf(); then stop it (pg_ctl stop -m fast) and keep its files. Compare what it has taken before you make it a standby with pg_rewind: the rewind throws that away.`,
      }
    }
  },
})
