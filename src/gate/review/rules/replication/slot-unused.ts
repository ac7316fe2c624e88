import { subject } from '../../../../core/subject.ts'
import { child } from '../../../change/tree.ts'
import { callsOf } from '../../calls.ts'
import { basisOf, fresh } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

const makers = new Set(['pg_create_physical_replication_slot', 'pg_create_logical_replication_slot'])

/** A slot without a reader keeps all WAL from its first moment on. */
export default defineReviewRule({
  id: 'replication/slot-unused',
  consequence: 'capacity/slot-retains-wal',
  severity: 'warning',
  question: 'Has every new slot somebody who reads it?',
  *run(input) {
    for (const statement of fresh(input))
      for (const { name, args } of callsOf(statement.tree)) {
        const [slot] = args
        const isTemporary = args[2] === 'true'
        const isRead = input.statements.some(
          (one) =>
            one.n > statement.n && child(one.tree, 'CreateSubscriptionStmt') !== null && one.sql.includes(slot ?? ''),
        )
        if (!makers.has(name) || typeof slot !== 'string' || isTemporary || isRead) continue
        for (const node of statement.nodes)
          yield {
            object: subject.slot(node, slot),
            nodes: [node],
            message: `slot ${slot} keeps WAL from now on, whether anybody reads it or not: without a reader the disk of ${node} fills`,
            remedy: 'Make it in the step that starts its reader, and set max_slot_wal_keep_size.',
            at: statement,
            basis: basisOf(input),
          }
      }
  },
})
