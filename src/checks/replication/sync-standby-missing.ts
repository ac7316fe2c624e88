import { defineCheck } from '../../core/check.ts'
import { syncStandbys } from '../../core/sync-standbys.ts'
import { subject } from '../../core/subject.ts'

/** With fewer synchronous standbys than it asks for, a primary accepts work and never says that it is done. */
export default defineCheck({
  id: 'replication/sync-standby-missing',
  on: ['postgres'],
  severity: 'error',
  harm: true,
  needs: ['server', 'senders', 'settings'],
  wants: ['activity'],
  limits: {
    graceMs: { default: 10_000, unit: 'ms', why: 'a standby that is restarted is back by then' },
  },
  question: 'Does every primary have the synchronous standbys that its commits wait for?',
  seeds: [4],
  *run({ nodes, limits, atMs }) {
    for (const node of nodes) {
      const wanted = syncStandbys(node.settings['synchronous_standby_names'] ?? '')
      if (node.server.inRecovery || wanted === null) continue
      const there = ({ senders }: Pick<typeof node, 'senders'>): number =>
        senders.filter(({ syncState }) => syncState === 'sync' || syncState === 'quorum').length
      const have = there(node)
      const spare = node.senders.filter(({ syncState }) => syncState === 'potential').length
      const candidates = wanted.any ? have - wanted.count : spare
      const base = {
        subject: subject.node(node.name),
        node: node.name,
        evidence: {
          synchronous_standby_names: node.settings['synchronous_standby_names'] ?? '',
          synchronous_commit: node.settings['synchronous_commit'] ?? null,
          wanted: wanted.count,
          sync: have,
          potential: spare,
        },
      }
      if (have >= wanted.count) {
        if (candidates <= 0)
          yield {
            ...base,
            severity: 'info',
            message: `${node.name} has no synchronous standby to spare: one less, and its commits wait`,
            remedy: `Name one more standby in synchronous_standby_names of ${node.name}, or know the order for that hour: alter system set synchronous_standby_names = ''; select pg_reload_conf();`,
          }
        continue
      }
      const waiting = node.wanted.activity?.long.filter(({ waitEvent }) => waitEvent === 'SyncRep') ?? []
      const recent = node.earlier.filter((past) => atMs - past.atMs < limits.graceMs)
      const isFresh =
        recent.some((past) => there(past) >= wanted.count || past.server.inRecovery) ||
        node.server.nowMs - node.server.startedMs < limits.graceMs
      if (isFresh && waiting.length === 0) continue
      const isIdle = ['off', 'local'].includes(node.settings['synchronous_commit'] ?? 'on')
      yield {
        ...base,
        severity: waiting.length > 0 ? 'critical' : isIdle ? 'warning' : 'error',
        message:
          waiting.length > 0
            ? `${waiting.length} ${waiting.length === 1 ? 'commit waits' : 'commits wait'} on ${node.name} for a synchronous standby that is not there`
            : `${node.name} has ${have} of ${wanted.count} synchronous standbys: ${isIdle ? 'commits do not wait for them now' : 'its next commit waits'}`,
        evidence: {
          ...base.evidence,
          waiting: waiting.length,
          longest_wait_ms: waiting.length > 0 ? Math.max(...waiting.map(({ stateMs }) => stateMs)) : null,
        },
        remedy: `Start the standby. If that takes longer than writes may wait, on ${node.name}: alter system set synchronous_standby_names = ''; select pg_reload_conf(); From then on a failover can lose commits: put it back when the standby streams.`,
      }
    }
  },
})
