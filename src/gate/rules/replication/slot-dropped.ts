import { subject } from '../../../core/subject.ts'
import { below, child, list, text, type TreeNode } from '../../change/tree.ts'
import { defineRule } from '../../rule.ts'

/** While its consumer streams the server refuses; in the minute in which it does not, the slot is gone and the consumer with it. */
export default defineRule({
  id: 'replication/slot-dropped',
  consequence: 'replication/slot-missing',
  severity: 'error',
  question: 'Does the change leave the slots that standbys and subscribers read from?',
  *run({ results, before }) {
    for (const { statement, node } of results) {
      const slots = before.nodes.find(({ name }) => name === node)?.facts.replicationSlots
      for (const slot of droppedIn(statement.tree)) {
        const known = slots?.seen ? slots.value.find(({ name }) => name === slot) : undefined
        if (!known || known.temporary) continue
        yield {
          object: subject.slot(node, slot),
          nodes: [node],
          message: `${statement.file}:${statement.line} drops slot ${slot} on ${node}, which ${known.active ? 'is in use' : 'was there for somebody'}: its consumer does not come back, or has to be made anew`,
          remedy: 'Take the consumer away first, in the same change, or leave the slot.',
          about: [],
          statement,
        }
      }
    }
  },
})

const droppedIn = (tree: TreeNode): readonly string[] =>
  [...below(tree)].flatMap((node) => {
    const call = child(node, 'FuncCall')
    const name = text(child(list(call, 'funcname').at(-1), 'String'), 'sval')
    if (name !== 'pg_drop_replication_slot') return []
    const slot = text(child(child(list(call, 'args')[0], 'A_Const'), 'sval'), 'sval')
    return slot === null ? [] : [slot]
  })
