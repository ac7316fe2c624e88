import { subject } from '../../../../core/subject.ts'
import { factOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** A server with a logical slot does not start below logical, and one with standbys not below replica. */
export default defineReviewRule({
  id: 'configuration/wal-level',
  consequence: 'server/config-prevents-start',
  severity: 'error',
  question: 'Does the server write as much WAL as its slots and standbys need?',
  *run(input) {
    for (const { name, value, nodes, at } of input.settings)
      for (const node of name === 'wal_level' && value !== null && value.toLowerCase() !== 'logical' ? nodes : []) {
        const slots = factOf(input, node, 'replicationSlots')
        const logical = slots?.filter(({ type }) => type === 'logical').map((slot) => slot.name) ?? []
        const isMinimal = value?.toLowerCase() === 'minimal'
        if (slots !== null && logical.length === 0 && !isMinimal) continue
        yield {
          object: subject.setting(node, name),
          nodes: [node],
          severity: isMinimal || logical.length > 0 ? 'error' : 'warning',
          message: isMinimal
            ? `wal_level = minimal: ${node} does not start while max_wal_senders is above 0, and nothing can follow it`
            : logical.length > 0
              ? `wal_level = ${value ?? ''}: ${node} does not start again, it has logical slots (${logical.join(', ')})`
              : `wal_level = ${value ?? ''}: where the server has a logical slot, it does not start again`,
          remedy: 'Leave wal_level = logical while anybody subscribes.',
          at,
          basis: slots === null ? 'text' : 'topology',
        }
      }
  },
})
