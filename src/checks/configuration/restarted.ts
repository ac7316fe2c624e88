import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/** What the log says once for each start. */
const started = /^starting PostgreSQL /

/** One restart is news; several in a row are a server that dies and is brought back by something that does not ask why. */
export default defineCheck({
  id: 'configuration/restarted',
  on: ['postgres'],
  severity: 'warning',
  needs: ['server'],
  wantsCluster: ['logs'],
  limits: {
    windowMs: { default: 600_000, unit: 'ms', why: 'a supervisor that restarts what dies does so within minutes' },
    times: { default: 3, unit: 'count', why: 'nobody restarts a server three times in ten minutes on purpose' },
  },
  question: 'Has any server been restarted?',
  seeds: [4],
  *run({ nodes, wanted, limits, atMs }) {
    for (const node of nodes) {
      const starts = new Set([...node.earlier, node].map(({ server }) => server.startedMs))
      const logged = (wanted.logs?.entries ?? [])
        .filter(({ message, lastMs }) => started.test(message) && lastMs >= atMs - limits.windowMs)
        .filter((entry) => entry.node === node.name)
        // Equal lines are counted from the first on, which may lie before the window.
        .reduce((sum, { count, firstMs }) => sum + count * Math.min(1, limits.windowMs / (atMs - firstMs)), 0)
      const often = Math.max(starts.size - 1, Math.floor(logged))
      const isOften = often >= limits.times
      if (starts.size === 1 && !isOften) continue
      // A primary that comes back as a standby was switched over: that is told elsewhere.
      const before = node.earlier.findLast(({ server }) => server.startedMs !== node.server.startedMs)
      const switched = before !== undefined && before.server.inRecovery !== node.server.inRecovery
      yield {
        subject: subject.node(node.name),
        node: node.name,
        severity: isOften ? 'error' : switched ? 'info' : 'warning',
        message: isOften
          ? `${node.name} was started ${often} times within ${Math.round(limits.windowMs / 60_000)} minutes`
          : `${node.name} was restarted${switched ? `, and is now ${node.server.inRecovery ? 'a standby' : 'a primary'}` : ''}`,
        evidence: {
          pg_postmaster_start_time: new Date(node.server.startedMs).toISOString(),
          before: before ? new Date(before.server.startedMs).toISOString() : null,
          starts: often,
        },
        remedy: isOften
          ? `Stop what restarts ${node.name} (systemctl stop, or the failover manager's pause), and read its log from the first FATAL or PANIC on before it is started again.`
          : `If nobody did it: read the log of ${node.name} before its line 'starting PostgreSQL'.`,
      }
    }
  },
})
