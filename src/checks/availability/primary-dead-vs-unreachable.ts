import { defineCheck } from '../../core/check.ts'
import { seconds } from '../../core/lag.ts'
import { subject } from '../../core/subject.ts'
import { wordOf } from '../../core/witnesses.ts'

/**
 * From one place a dead primary and a broken path look the same, and their remedies are opposites: promoting beside a primary
 * that lives makes two. So everybody who follows it is asked, and its host.
 */
export default defineCheck({
  id: 'availability/primary-dead-vs-unreachable',
  on: ['postgres'],
  severity: 'critical',
  // Silence is what it looks at: a node that is not seen must not keep it from judging.
  needs: [],
  wants: ['server', 'settings', 'receiver', 'replicationSlots', 'subscriptionStates'],
  needsCluster: ['paths'],
  wantsCluster: ['hosts'],
  limits: {
    graceMs: { default: 10_000, unit: 'ms', why: 'a planned restart or a switchover is over by then' },
  },
  question: 'Is a primary that does not answer dead, or is it the path from here?',
  seeds: [2, 4],
  *run({ nodes, cluster, wanted, limits, atMs }) {
    const taken = nodes.some(({ role, wanted: { server } }) => role === 'primary' && server && !server.inRecovery)
    for (const node of nodes) {
      if (node.role !== 'primary' || node.wanted.server !== undefined || taken) continue
      const path = cluster.paths.find((each) => each.node === node.name)
      // Somebody answered there, if only to refuse our login: neither dead nor unreachable.
      if (!path || path.ok || path.reached) continue
      const silentMs = node.unansweredMs
      if (silentMs !== null && silentMs < limits.graceMs) continue
      const { streaming, cutOff } = wordOf(node.name, nodes)
      const host = wanted.hosts?.hosts.find((each) => each.node === node.name)
      // What its host said before it fell silent says nothing of now.
      const postmaster = host && host.atMs >= atMs - (silentMs ?? 0) ? host.postmaster : 'unknown'
      const { severity, words, remedy } = verdict(node.name, { streaming, cutOff, postmaster, from: path.from })
      yield {
        subject: subject.node(node.name),
        node: node.name,
        severity,
        message: `${node.name} does not answer ${path.from}: ${words}`,
        evidence: {
          from: path.from,
          detail: path.detail,
          silent_for: silentMs === null ? null : seconds(silentMs),
          streams_to: streaming.join(', ') || null,
          lost_by: cutOff.join(', ') || null,
          postmaster: host ? postmaster : null,
          postmaster_pid: host?.pid ?? null,
        },
        remedy,
      }
    }
  },
})

interface Seen {
  readonly streaming: readonly string[]
  readonly cutOff: readonly string[]
  readonly postmaster: 'running' | 'absent' | 'unknown'
  readonly from: string
}

function verdict(
  name: string,
  { streaming, cutOff, postmaster, from }: Seen,
): { readonly severity: 'warning' | 'error' | 'critical'; readonly words: string; readonly remedy: string } {
  const start = `On the host of ${name}, read the end of its log, then start it. If it cannot be started, see availability/candidate-exists before you promote.`
  if (postmaster === 'absent')
    return { severity: 'critical', words: 'it is dead, its host has no postmaster', remedy: start }
  if (streaming.length > 0)
    return {
      severity: 'warning',
      words: `it lives and streams to ${streaming.join(', ')}, it is the path from here`,
      remedy: `Do not promote anything. Look at the network, firewall, address and port between ${from} and ${name}.`,
    }
  if (postmaster === 'running')
    return {
      severity: 'critical',
      words: 'its postmaster runs and answers nobody',
      remedy: `On the host of ${name}: is it on another port (fourth line of postmaster.pid), cut off from the network, or waiting for a disk? Do not promote before it is stopped there.`,
    }
  if (cutOff.length > 0)
    return {
      severity: 'critical',
      words: `it is dead or cut off from everybody, ${cutOff.join(', ')} lost it as well`,
      remedy: `${start} Make sure on its own host that it is stopped: cut off from us is not stopped.`,
    }
  return {
    severity: 'error',
    words: 'nobody else can be asked, it may be dead or the path from here',
    remedy: `Try from a second host: pg_isready -h HOST -p PORT. On the host of ${name}, see whether its postmaster runs.`,
  }
}
