import { defineCheck } from '../../core/check.ts'
import { goodOf } from '../../core/known-good.ts'
import { subject } from '../../core/subject.ts'

/** A standby of another system is no copy: it answers readers with rows of something else, and cannot be promoted. */
export default defineCheck({
  id: 'replication/system-id-mismatch',
  on: ['postgres'],
  severity: 'error',
  needs: ['server'],
  wantsCluster: ['lastGood'],
  question: 'Is every standby a copy of the system that it should follow?',
  seeds: [0],
  *run({ nodes, blind, wanted }) {
    const open = nodes.filter(({ server }) => !server.inRecovery)
    // A primary that cannot be seen may be the one that it copies.
    const isBlind = blind.some(({ role }) => role !== 'standby')
    for (const node of nodes) {
      const { systemId, inRecovery } = node.server
      const upstream = open.find(({ name }) => name === node.upstream)
      const isCopy = open.some(({ server }) => server.systemId === systemId)
      const isStranger = inRecovery && !isCopy && open.length > 0 && (upstream !== undefined || !isBlind)
      const good = goodOf(wanted.lastGood, node.name)?.systemId ?? null
      const other = upstream ?? open[0]
      if (isStranger)
        yield {
          subject: subject.node(node.name),
          node: node.name,
          message: `standby ${node.name} is a copy of system ${systemId}, which is none of ${open.map(({ name }) => name).join(', ')}`,
          evidence: {
            system_identifier: systemId,
            upstream: other?.name ?? null,
            upstream_system_identifier: other?.server.systemId ?? null,
            last_known_good: good,
          },
          remedy: `See whether the address of ${node.name} leads to the right host. If it does, the server was made from another cluster: take reads away from it and rebuild it with pg_basebackup.`,
        }
      else if (good !== null && good !== systemId)
        yield {
          subject: subject.node(node.name),
          node: node.name,
          severity: 'warning',
          message: `another database system answers as ${node.name} than when all was last known good`,
          evidence: { system_identifier: systemId, last_known_good: good, in_recovery: inRecovery },
          remedy: `If ${node.name} was set up anew or upgraded, say so: antemortem accept. Else its address leads to another server: correct it.`,
        }
    }
  },
})
