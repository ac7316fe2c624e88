import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/** A clock that is wrong makes every rule that reads a time wrong; it is measured here, so that others need not trust one. */
export default defineCheck({
  id: 'configuration/clock-skew',
  on: ['postgres'],
  severity: 'warning',
  needs: ['server'],
  wants: ['receiver'],
  limits: {
    warningMs: { default: 1_000, unit: 'ms', why: 'more than a round trip and what NTP leaves' },
    errorMs: {
      default: 30_000,
      unit: 'ms',
      why: 'certificates, leases of failover managers and expiring passwords go by it',
    },
    sustainMs: { default: 10_000, unit: 'ms', why: 'one slow answer is no wrong clock' },
  },
  sustainMs: 'sustainMs',
  question: 'Do the clocks of all nodes agree?',
  seeds: [1],
  *run({ nodes, limits, atMs }) {
    const measured = nodes.map((node) => ({
      node,
      // The moment of the sample is the middle of its round trip: the error is half of that.
      aheadMs: node.server.nowMs - node.seenMs.server,
      fromSenderMs: node.wanted.receiver?.[0]?.clockAheadMs ?? null,
    }))
    const off = measured.filter(({ aheadMs }) => Math.abs(aheadMs) > limits.warningMs)
    const all = off.map(({ aheadMs }) => aheadMs)
    // All off by the same: it is our own clock, which hurts no user.
    const ours =
      off.length > 1 && off.length === nodes.length && Math.max(...all) - Math.min(...all) <= limits.warningMs
    if (ours)
      yield {
        subject: subject.node('watcher'),
        message: `the clock of this host is ${words(-(all[0] ?? 0))} that of all ${nodes.length} nodes, which agree`,
        evidence: { ahead_ms: -Math.round(all[0] ?? 0), nodes: nodes.length, here: new Date(atMs).toISOString() },
        remedy: 'Set the clock of the host that antemortem runs on: timedatectl; chronyc tracking',
      }
    else
      for (const { node, aheadMs, fromSenderMs } of off)
        yield {
          subject: subject.node(node.name),
          node: node.name,
          severity: Math.abs(aheadMs) > limits.errorMs ? 'error' : 'warning',
          message: `the clock of ${node.name} is ${words(aheadMs)} ours`,
          evidence: {
            ahead_ms: Math.round(aheadMs),
            clock_timestamp: new Date(node.server.nowMs).toISOString(),
            here: new Date(node.seenMs.server).toISOString(),
            ahead_of_its_sender_ms: fromSenderMs,
          },
          remedy: `On the host of ${node.name}: timedatectl; chronyc tracking; start its time service, and let it step the clock: chronyc makestep`,
        }
  },
})

const words = (aheadMs: number): string =>
  `${(Math.abs(aheadMs) / 1000).toFixed(1)} s ${aheadMs < 0 ? 'behind' : 'ahead of'}`
