import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'
import { takeoverObstacles } from '../../core/takeover.ts'
import { rootOf } from '../../core/upstream.ts'

/** The hour in which the primary dies is the wrong one to learn that no standby can take its place. */
export default defineCheck({
  id: 'availability/candidate-exists',
  on: ['postgres'],
  severity: 'error',
  needs: ['server', 'wal', 'receiver'],
  wants: ['settings', 'receiver', 'replicationSlots'],
  wantsCluster: ['hosts'],
  limits: {
    lostMs: { default: 30_000, unit: 'ms', why: 'of writes that would be missing after a failover' },
    freeShare: {
      default: 0.05,
      unit: 'share',
      why: 'of the disk: a primary needs room for WAL that its consumers fetch later',
    },
    graceMs: { default: 30_000, unit: 'ms', why: 'a standby that is restarted streams again by then' },
    sustainMs: { default: 60_000, unit: 'ms', why: 'a standby that catches up is a candidate again within a minute' },
  },
  sustainMs: 'sustainMs',
  question: 'Could a standby take the place of the primary now?',
  seeds: [4],
  *run({ nodes, blind, limits, wanted, atMs }) {
    const reasonsOf = (node: (typeof nodes)[number], primary: (typeof nodes)[number] | null): readonly string[] =>
      takeoverObstacles({ ...node, settings: node.wanted.settings }, primary, { limits, hosts: wanted.hosts, atMs })

    for (const { name } of [...nodes, ...blind].filter(({ role }) => role === 'primary')) {
      const primary = nodes.find((node) => node.name === name) ?? null
      const standbys = nodes.filter(
        (node) => node.server.inRecovery && (rootOf(node, nodes)?.name ?? node.upstream) === name,
      )
      const hidden = blind.filter(({ role, upstream }) => role === 'standby' && upstream === name)
      const [first] = standbys
      if (!first) continue
      const judged = standbys.map((node) => ({ name: node.name, reasons: reasonsOf(node, primary) }))
      const fit = judged.filter(({ reasons }) => reasons.length === 0)
      const [only] = fit
      if (fit.length > 1 || (only && judged.length + hidden.length === 1)) continue
      const unfit = judged.filter(({ reasons }) => reasons.length > 0)
      // The cheapest to mend: the one with the fewest reasons.
      const best = unfit.toSorted((a, b) => a.reasons.length - b.reasons.length)[0]
      yield {
        subject: subject.node(name),
        // Not the primary while it is gone: what is judged are its standbys.
        node: primary ? name : first.name,
        severity: only ? 'info' : hidden.length > 0 ? 'warning' : 'error',
        message: only
          ? `${only.name} is the only standby that could take the place of ${name}`
          : `no standby ${hidden.length > 0 ? 'that can be seen ' : ''}could take the place of ${name}`,
        evidence: {
          ...Object.fromEntries(judged.map((each) => [each.name, each.reasons.join('; ') || 'could take over'])),
          ...Object.fromEntries(hidden.map((each) => [each.name, `cannot be seen: ${each.detail}`])),
        },
        remedy: best
          ? `Begin with ${best.name}: ${best.reasons.join('; ')}. Until it is mended, change nothing on ${name} that needs a restart.`
          : `See why ${hidden.map((each) => each.name).join(', ')} cannot be seen.`,
      }
    }
  },
})
