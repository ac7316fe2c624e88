import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'
import { isStandbySender } from '../../core/upstream.ts'

/** A primary that nobody copies any more: the next fault of its disk takes everything since the last backup. */
export default defineCheck({
  id: 'replication/no-standby',
  on: ['postgres'],
  severity: 'error',
  needs: ['server', 'senders', 'replicationSlots'],
  limits: {
    graceMs: {
      default: 60_000,
      unit: 'ms',
      why: 'a standby that is restarted, or that follows a switchover, is back by then',
    },
  },
  question: 'Does every primary that should have a standby have one that streams?',
  seeds: [4],
  *run({ nodes, blind, limits, atMs }) {
    const declared = [...nodes, ...blind].filter(({ role }) => role === 'standby')
    for (const node of nodes) {
      if (node.server.inRecovery || node.role !== 'primary') continue
      const standbys = ({ senders, replicationSlots }: Pick<typeof node, 'senders' | 'replicationSlots'>) =>
        senders.filter((sender) => isStandbySender(sender, replicationSlots))
      if (standbys(node).length > 0) continue
      const own = declared.filter(({ upstream }) => upstream === node.name)
      const before = node.earlier.findLast((past) => standbys(past).length > 0)
      if (own.length === 0 && !before) continue
      // Seen a moment ago with a standby, or as one itself.
      const recent = node.earlier.filter((past) => atMs - past.atMs < limits.graceMs)
      if (recent.some((past) => standbys(past).length > 0 || past.server.inRecovery)) continue
      if (node.server.nowMs - node.server.startedMs < limits.graceMs) continue
      yield {
        subject: subject.node(node.name),
        node: node.name,
        message: `no standby streams from ${node.name}`,
        evidence: {
          standbys: own.map(({ name }) => name).join(', ') || null,
          not_seen:
            blind
              .filter(({ upstream }) => upstream === node.name)
              .map(({ name }) => name)
              .join(', ') || null,
          last_seen: before
            ? standbys(before)
                .map(({ applicationName }) => applicationName)
                .join(', ')
            : null,
          last_seen_ms_ago: before ? atMs - before.atMs : null,
        },
        remedy: `Before any other change on ${node.name}: bring ${own[0]?.name ?? 'a standby'} back, or take a backup now. The log of the standby says why it does not stream.`,
      }
    }
  },
})
