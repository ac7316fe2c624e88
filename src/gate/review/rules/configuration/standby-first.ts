import { subject } from '../../../../core/subject.ts'
import { factOf, nodesOf, placedOn, primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

const five = new Set([
  'max_connections',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
  'max_worker_processes',
])

/** A standby with less room than its primary pauses its replay while it goes on streaming, and does not start again. */
export default defineReviewRule({
  id: 'configuration/standby-first',
  consequence: 'server/config-prevents-start',
  severity: 'error',
  question: 'Has every standby at least the room of its primary, at each moment of the change?',
  *run(input) {
    const primary = primaryOf(input)
    const standbys = nodesOf(input, 'standby')
    for (const { name, value, nodes, at } of input.settings) {
      const wanted = Number(value)
      if (!five.has(name) || value === null || !Number.isInteger(wanted)) continue
      if (nodes.includes(primary))
        for (const node of standbys) {
          const own = input.settings.find((one) => one.name === name && one.nodes.includes(node))
          const there = own === undefined ? factOf(input, node, 'settings')?.[name] : (own.value ?? undefined)
          if (there !== undefined && Number(there) >= wanted) continue
          const isKnown = there !== undefined
          yield {
            object: subject.setting(primary, name),
            nodes: [node],
            severity: isKnown ? 'error' : 'warning',
            message: isKnown
              ? `${name} becomes ${wanted} on ${primary} and is ${there} on ${node}: once ${primary} has restarted, replay on ${node} pauses while it goes on streaming, and ${node} does not start again`
              : `${name} is set to ${wanted} on ${primary}: where a standby has less, its replay pauses, and it does not start again`,
            remedy: `Raise it on ${node} first and restart it; lower it on ${primary} first.`,
            at,
            basis: isKnown ? 'topology' : 'text',
          }
        }
      for (const node of placedOn(input, { nodes }, 'standby')) {
        const there = Number(factOf(input, primary, 'settings')?.[name])
        if (!nodes.includes(primary) && there > wanted)
          yield {
            object: subject.setting(node, name),
            nodes: [node],
            message: `${name} becomes ${wanted} on ${node} and is ${there} on ${primary}: ${node} does not start again`,
            remedy: `Lower it on ${primary} first and restart it.`,
            at,
            basis: 'topology',
          }
      }
    }
  },
})
