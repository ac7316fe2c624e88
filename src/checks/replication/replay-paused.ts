import { defineCheck } from '../../core/check.ts'
import { applyDelayMs } from '../../core/lag.ts'
import { subject } from '../../core/subject.ts'

/** Settings that a standby needs at least as high as its primary: from 14 on it pauses replay instead of shutting down. */
const capacity = [
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
] as const

/** While replay is paused every usual figure looks well: the WAL arrives, and replay_lag keeps its last small value. */
export default defineCheck({
  id: 'replication/replay-paused',
  on: ['postgres'],
  severity: 'warning',
  needs: ['wal', 'server'],
  wants: ['settings'],
  limits: {
    sustainMs: { default: 60_000, unit: 'ms', why: 'a dump or a backup on a standby may pause it for a moment' },
  },
  sustainMs: 'sustainMs',
  question: 'Does every standby replay what it receives?',
  seeds: [1, 4],
  *run({ nodes, blind, atMs }) {
    const standbys = nodes.filter(({ server }) => server.inRecovery)
    for (const node of standbys) {
      if (!node.wal.replayPaused) continue
      const { settings = {} } = node.wanted
      const primary = nodes.find(({ name, server }) => name === node.upstream && !server.inRecovery)
      const low = capacity.filter((name) => Number(settings[name]) < Number(primary?.wanted.settings?.[name]))
      const others = standbys.filter(
        (other) =>
          other !== node &&
          other.server.systemId === node.server.systemId &&
          !other.wal.replayPaused &&
          applyDelayMs(other.wanted.settings) === 0,
      )
      // One that cannot be seen may be well.
      const isLast = others.length === 0 && !blind.some(({ role }) => role === 'standby')
      const since = node.earlier.toReversed().findIndex(({ wal }) => !wal.replayPaused)
      const paused = since === -1 ? node.earlier : node.earlier.slice(node.earlier.length - since)
      yield {
        subject: subject.node(node.name),
        node: node.name,
        severity: isLast ? 'error' : 'warning',
        message: `replay is paused on ${node.name}${isLast ? ', and no other standby replays' : ''}${low.length > 0 ? `: ${low.join(', ')} is lower than on ${node.upstream}` : ''}`,
        evidence: {
          replay_lsn: node.wal.replayLsn,
          receive_lsn: node.wal.receiveLsn,
          paused_for_ms_at_least: atMs - (paused[0]?.atMs ?? atMs),
          recovery_target_action: settings['recovery_target_action'] ?? null,
          lower_than_primary: low.join(', ') || null,
        },
        remedy:
          low.length > 0
            ? `Do not resume: ${node.name} would shut down. On it: ${low.map((name) => `alter system set ${name} = ${primary?.wanted.settings?.[name] ?? ''};`).join(' ')} Then restart it.`
            : `Find out who paused it and why. If nobody needs it, on ${node.name}: select pg_wal_replay_resume();`,
      }
    }
  },
})
