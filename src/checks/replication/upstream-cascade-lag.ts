import { defineCheck } from '../../core/check.ts'
import { applyDelayMs, behindMs, seconds } from '../../core/lag.ts'
import { subject } from '../../core/subject.ts'
import { hopsOf } from '../../core/upstream.ts'

/**
 * A standby of a standby is as old as the worst hop on its way. Measured against its upstream it is never behind: when that one
 * is cut off, both stand still together.
 */
export default defineCheck({
  id: 'replication/upstream-cascade-lag',
  on: ['postgres'],
  severity: 'warning',
  needs: ['wal', 'server'],
  wants: ['receiver', 'replicationSlots', 'settings'],
  limits: {
    warningMs: { default: 5_000, unit: 'ms', why: 'users notice a password that they changed five seconds ago' },
    errorMs: { default: 30_000, unit: 'ms', why: 'half a minute of rows would be missing after a failover' },
    sustainMs: { default: 30_000, unit: 'ms', why: 'a large transaction replays late without anything being wrong' },
  },
  sustainMs: 'sustainMs',
  question: 'How far behind the first primary is a standby that follows another standby?',
  seeds: [1],
  *run({ nodes, limits }) {
    for (const node of nodes) {
      const hops = hopsOf(node, nodes)
      const root = hops.at(-1)
      const replayed = node.wal.replayLsn
      if (hops.length < 2 || !root || root.server.inRecovery || replayed === null) continue
      const delayMs = applyDelayMs(node.wanted.settings)
      const lagMs = behindMs(replayed, root) - delayMs
      if (lagMs < limits.warningMs) continue
      // From the primary on: what a hop has received it passes on, replayed or not.
      const way = [root, ...hops.slice(0, -1).toReversed(), node]
      const late = way.slice(1).map((hop) => ({
        hop,
        ms: behindMs(hop.wal.receiveLsn ?? hop.wal.replayLsn ?? replayed, root),
        connected: hop.wanted.receiver?.some(({ status }) => status === 'streaming') ?? null,
      }))
      const broken = late.find(({ ms, connected }) => connected === false || ms >= limits.warningMs)
      const from = broken ? way[way.indexOf(broken.hop) - 1] : undefined
      yield {
        subject: subject.node(node.name),
        node: node.name,
        severity: lagMs >= limits.errorMs ? 'error' : 'warning',
        message: `${node.name} shows ${root.name} as it was ${seconds(lagMs + delayMs)} ago; ${broken ? `the first hop that is late is ${from?.name ?? root.name} to ${broken.hop.name}` : 'it has the WAL and does not replay it'}`,
        evidence: {
          lag_ms: lagMs,
          way: way.map(({ name }) => name).join(' → '),
          received_late_ms: late.map(({ hop, ms }) => `${hop.name} ${ms}`).join(', '),
          not_streaming:
            late
              .filter(({ connected }) => connected === false)
              .map(({ hop }) => hop.name)
              .join(', ') || null,
          replay_lsn: replayed,
          primary_lsn: root.wal.writeLsn,
          recovery_min_apply_delay: delayMs,
        },
        remedy: broken
          ? `Mend ${broken.hop.name} first: see why it does not get the WAL of ${from?.name ?? root.name}. What lies behind it follows by itself.`
          : `Look on ${node.name} itself: is replay paused, do queries hold it up, its disk.`,
      }
    }
  },
})
