import { subject } from '../../../../core/subject.ts'
import { callsOf } from '../../calls.ts'
import type { ReviewInput } from '../../input.ts'
import { basisOf, factOf, fresh, nodesOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** Whoever comes back to a slot that is gone never streams again. */
export default defineReviewRule({
  id: 'replication/slot-dropped',
  consequence: 'replication/slot-missing',
  severity: 'error',
  question: 'Does every standby and subscription keep its slot?',
  *run(input) {
    for (const statement of fresh(input))
      for (const { name, args } of callsOf(statement.tree)) {
        const [slot] = args
        if (name !== 'pg_drop_replication_slot' || typeof slot !== 'string') continue
        const user = userOf(input, slot, statement.nodes)
        if (user === null) continue
        for (const node of statement.nodes)
          yield {
            object: subject.slot(node, slot),
            nodes: [node],
            severity: input.topology === null ? 'warning' : 'error',
            message: `slot ${slot} is dropped${user}: who comes back to it never streams again, and the WAL that it still needs may be gone`,
            remedy: `Drop it only when nobody uses it: select active, inactive_since from pg_replication_slots where slot_name = '${slot}'.`,
            at: statement,
            basis: basisOf(input),
          }
      }
  },
})

/** In words; null where it is known that nobody uses it. */
function userOf(input: ReviewInput, slot: string, on: readonly string[]): string | null {
  if (input.topology === null) return ''
  const standby = nodesOf(input, 'standby').find((node) =>
    factOf(input, node, 'receiver')?.some((receiver) => receiver.slot === slot),
  )
  if (standby !== undefined) return `, by which ${standby} streams`
  const subscriber = nodesOf(input, 'subscriber').find((node) =>
    factOf(input, node, 'subscriptions')?.some((subscription) => subscription.slot === slot),
  )
  if (subscriber !== undefined) return `, by which ${subscriber} is fed`
  const isActive = on.some((node) =>
    factOf(input, node, 'replicationSlots')?.some((one) => one.name === slot && one.active),
  )
  return isActive ? ', which somebody uses now' : null
}
