import { defineCheck } from '../../core/check.ts'
import { goodOf } from '../../core/known-good.ts'
import { applyDelayMs, behindMs, seconds } from '../../core/lag.ts'
import { subject } from '../../core/subject.ts'
import { rootOf } from '../../core/upstream.ts'

/** A standby that is late on purpose is a second chance after a wrong delete: as long as it is as late as it was meant to be. */
export default defineCheck({
  id: 'replication/delayed-standby',
  on: ['postgres'],
  severity: 'info',
  needs: ['settings', 'server', 'wal'],
  wants: ['receiver', 'replicationSlots', 'settings'],
  wantsCluster: ['lastGood'],
  limits: {
    toleranceMs: { default: 30_000, unit: 'ms', why: 'replay of a large transaction ends late, delayed or not' },
  },
  question: 'Is every delayed standby as late as it was meant to be?',
  seeds: [1],
  *run({ nodes, limits, wanted }) {
    for (const node of nodes) {
      if (!node.server.inRecovery) continue
      const delayMs = applyDelayMs(node.settings)
      const goodMs = applyDelayMs(goodOf(wanted.lastGood, node.name)?.settings ?? undefined)
      const isLess = delayMs < goodMs - limits.toleranceMs
      if (delayMs === 0 && !isLess) continue
      const root = rootOf(node, nodes)
      const replayed = node.wal.replayLsn
      const lagMs = root && replayed !== null ? behindMs(replayed, root) : null
      const isLate = lagMs !== null && lagMs > delayMs + limits.toleranceMs
      yield {
        subject: subject.node(node.name),
        node: node.name,
        severity: isLess || isLate ? 'warning' : 'info',
        message: isLess
          ? `${node.name} is delayed by ${seconds(delayMs)}, and was by ${seconds(goodMs)}: a wrong delete reaches it sooner`
          : isLate
            ? `${node.name} is delayed by ${seconds(delayMs)} on purpose, and is ${seconds(lagMs)} behind`
            : `${node.name} is delayed by ${seconds(delayMs)} on purpose`,
        evidence: {
          recovery_min_apply_delay: delayMs,
          last_known_good: goodMs > 0 ? goodMs : null,
          behind_ms: lagMs,
          replay_lsn: replayed,
        },
        remedy: isLess
          ? `If it was meant: antemortem accept. Else on ${node.name}: alter system set recovery_min_apply_delay = ${goodMs}; select pg_reload_conf();`
          : isLate
            ? `See on ${node.name} whether replay is paused or held up by queries, then its disk and the network.`
            : `Nothing to do. Do not promote ${node.name}, and send no reads there that must be fresh.`,
      }
    }
  },
})
