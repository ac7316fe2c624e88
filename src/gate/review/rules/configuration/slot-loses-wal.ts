import { subject } from '../../../../core/subject.ts'
import { factOf } from '../../nodes.ts'
import { quantity } from '../../quantity.ts'
import { defineReviewRule } from '../../rule.ts'

const gigabyte = 1024 ** 3
const hour = 3_600_000

/** A slot that passes its limit is lost: its consumer must be built anew. */
export default defineReviewRule({
  id: 'configuration/slot-loses-wal',
  consequence: 'replication/slot-lost',
  severity: 'warning',
  question: 'May a consumer be away for a while without losing its slot?',
  *run(input) {
    for (const { name, value, nodes, at } of input.settings) {
      const bytes = name === 'max_slot_wal_keep_size' && value !== null ? quantity(value, 'MB') : null
      const idle = name === 'idle_replication_slot_timeout' && value !== null ? quantity(value, 's') : null
      const isTight = (bytes !== null && bytes >= 0 && bytes < gigabyte) || (idle !== null && idle > 0 && idle < hour)
      for (const node of isTight ? nodes : []) {
        const slots = factOf(input, node, 'replicationSlots')
        if (slots?.length === 0) continue
        yield {
          object: subject.setting(node, name),
          nodes: [node],
          severity: slots !== null && bytes !== null && bytes < gigabyte / 16 ? 'error' : 'warning',
          message: `${name} = ${value ?? ''}: a consumer that is away or behind for longer loses its slot, and must be built anew from a base backup or a new copy of its tables`,
          remedy: 'Set it to what the disk has to spare: some tens of gigabytes, or a day.',
          at,
          basis: slots === null ? 'text' : 'topology',
        }
      }
    }
  },
})
