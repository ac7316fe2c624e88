import { subject } from '../../../../core/subject.ts'
import { child, list, text } from '../../../change/tree.ts'
import { constantOf } from '../../calls.ts'
import { basisOf, fresh } from '../../nodes.ts'
import { flag } from '../../quantity.ts'
import { defineReviewRule } from '../../rule.ts'
import { alterationsOf, wordsOf } from '../../tables.ts'

/** A table that is not vacuumed grows, is planned wrongly, and brings the whole server to a stop in the end. */
export default defineReviewRule({
  id: 'capacity/autovacuum-off',
  consequence: 'capacity/wraparound',
  severity: 'warning',
  question: 'Is every table vacuumed?',
  *run(input) {
    for (const statement of fresh(input))
      for (const { table, subtype, def } of alterationsOf(input, statement)) {
        const options = subtype === 'AT_SetRelOptions' ? list(child(def, 'List'), 'items') : []
        const isOff = options.some((each) => {
          const option = child(each, 'DefElem')
          const value = text(child(child(option, 'arg'), 'String'), 'sval') ?? constantOf(option?.['arg']) ?? ''
          return text(option, 'defname') === 'autovacuum_enabled' && flag(value) === false
        })
        const [node] = statement.nodes
        if (isOff && node !== undefined)
          yield {
            object: subject.table(node, table.schema, table.name),
            nodes: statement.nodes,
            message: `${wordsOf(table)} is no longer vacuumed or analyzed: it grows, and its old rows bring the server nearer to the end of its transaction ids`,
            remedy: `Make it rarer instead: autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay.`,
            at: statement,
            basis: basisOf(input),
          }
      }
  },
})
