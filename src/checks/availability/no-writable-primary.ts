import { defineCheck } from '../../core/check.ts'
import { seconds } from '../../core/lag.ts'
import { isStoppedOnPurpose, plannedStopLimit } from '../../core/planned-stop.ts'
import { subject } from '../../core/subject.ts'
import { wordOf } from '../../core/witnesses.ts'

/** Nobody takes writes: every change of a user fails until somebody starts, promotes or unlocks a node. */
export default defineCheck({
  id: 'availability/no-writable-primary',
  on: ['postgres'],
  severity: 'critical',
  harm: true,
  // Silence is what it looks at: a node that is not seen must not keep it from judging.
  needs: [],
  wants: ['server', 'settings', 'roleSettings', 'privileges', 'receiver', 'replicationSlots', 'subscriptionStates'],
  wantsCluster: ['paths', 'hosts', 'logs'],
  limits: {
    graceMs: {
      default: 10_000,
      unit: 'ms',
      why: 'a switchover takes two to five seconds, a planned restart hardly more',
    },
    plannedStopMs: plannedStopLimit,
  },
  question: 'Does any node take writes?',
  seeds: [2, 4],
  *run({ nodes, limits, wanted, atMs }) {
    const members = nodes.filter(({ role }) => role !== 'subscriber')
    // A reading role that may only read sees its own setting, and not the server's.
    const isReadOnly = ({ wanted: { settings, roleSettings, privileges } }: (typeof nodes)[number]): boolean =>
      settings?.['default_transaction_read_only'] === 'on' &&
      !roleSettings?.some(
        ({ role, name }) => role !== null && role === privileges?.role && name === 'default_transaction_read_only',
      )
    const open = members.filter(({ wanted: { server } }) => server !== undefined && !server.inRecovery)
    if (members.length === 0 || open.some((node) => !isReadOnly(node))) return
    const silent = members.filter(({ wanted: { server } }) => server === undefined)
    for (const { name, role, unansweredMs } of silent) {
      const path = wanted.paths?.find((each) => each.node === name)
      // Somebody answers there, or streams from there: it may well take writes.
      if (!path || path.ok || path.reached || wordOf(name, nodes).streaming.length > 0) return
      if (role === 'primary' && unansweredMs !== null && unansweredMs < limits.graceMs) return
      const time = { atMs, withinMs: limits.plannedStopMs }
      if (role === 'primary' && isStoppedOnPurpose(wanted.logs, new Set([name]), time)) return
    }
    const isGone = (name: string): boolean =>
      wanted.hosts?.hosts.some((host) => host.node === name && host.postmaster === 'absent') ?? false
    // With nobody at all to be seen, it may be us who are cut off.
    const seen = nodes.filter((node) => node.wanted.server !== undefined)
    if (seen.length === 0 && !silent.some(({ name, role }) => role === 'primary' && isGone(name))) return
    // A primary that becomes a standby is restarted for it: the next one is promoted right after.
    const isFresh = ({ wanted: { server } }: (typeof nodes)[number]): boolean =>
      server !== undefined && server.nowMs - server.startedMs < limits.graceMs
    if (open.length === 0 && members.some(isFresh)) return
    const last = members.find(({ role }) => role === 'primary') ?? members[0]
    if (!last) return
    const standbys = members.filter(({ wanted: { server } }) => server?.inRecovery)
    const [locked] = open
    yield {
      subject: subject.node(last.name),
      node: last.name,
      message: locked
        ? `no node takes writes: ${locked.name} has default_transaction_read_only on`
        : `no node takes writes: ${silent.length > 0 ? `${silent.map(({ name }) => name).join(', ')} ${silent.length === 1 ? 'does' : 'do'} not answer` : 'all of them are in recovery'}`,
      evidence: Object.fromEntries(
        members.map(({ name, unansweredMs, wanted: { server } }) => [
          name,
          server === undefined
            ? `no answer${unansweredMs === null ? '' : ` for ${seconds(unansweredMs)}`}${isGone(name) ? ', no postmaster on its host' : ''}`
            : server.inRecovery
              ? 'in recovery'
              : 'default_transaction_read_only on',
        ]),
      ),
      remedy: locked
        ? `If nobody locked it to fence it, on ${locked.name}: alter system reset default_transaction_read_only; select pg_reload_conf(); See the free space of its disk first.`
        : `If ${last.name} can be started, start it. Else make sure on its own host that it is stopped and stays so, then on ${standbys[0]?.name ?? 'the best standby'}: select pg_promote(); and send the writers there.`,
    }
  },
})
