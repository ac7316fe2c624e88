import { subject } from '../../../../core/subject.ts'
import { basisOf, viewOf } from '../../nodes.ts'
import { flag } from '../../quantity.ts'
import { defineReviewRule } from '../../rule.ts'

/** A standby that replays and takes nobody in: its readers fail, and replication looks well. */
export default defineReviewRule({
  id: 'configuration/hot-standby-off',
  consequence: 'application/error',
  severity: 'error',
  question: 'Does every standby go on taking readers?',
  *run(input) {
    for (const { name, value, nodes, at } of input.settings) {
      if (name !== 'hot_standby' || value === null || flag(value) !== false) continue
      for (const node of nodes)
        if (input.topology === null || viewOf(input, node)?.role === 'standby')
          yield {
            object: subject.setting(node, name),
            nodes: [node],
            message: `hot_standby = off: after its restart ${node} refuses every session (57P03), while it goes on streaming`,
            remedy: 'Leave it on.',
            at,
            basis: basisOf(input),
          }
    }
  },
})
