import { subject } from '../../../../core/subject.ts'
import { isAllowed } from '../../../allow.ts'
import { keyOf } from '../../differences.ts'
import { defineWrapRule, latest } from '../../wrapped.ts'

/** Half of a table's rows do not go by themselves within a deployment. */
export default defineWrapRule({
  id: 'data/rows-lost',
  consequence: 'integrity/data-deleted',
  severity: 'warning',
  question: 'Has every table kept most of its rows?',
  *run(wrapped) {
    const old = new Map(wrapped.before.contents.map((one) => [keyOf(one), one.contents?.rows ?? 0]))
    for (const one of latest(wrapped).contents) {
      const was = old.get(keyOf(one)) ?? 0
      const is = one.contents?.rows
      const object = subject.table(one.node, one.schema, one.table)
      const change = wrapped.changes.find((each) => each.kind === 'data' && each.object === object)
      if (is === undefined || was < 10 || is * 2 >= was || (change && isAllowed(change, wrapped.allowed))) continue
      yield {
        object,
        nodes: [one.node],
        message: `${one.schema}.${one.table} on ${one.node} had ${was} rows before the command and has ${is} after it`,
        remedy: `If it was meant, declare it: --allow data:${one.schema}.${one.table}. If not, a backup has them, or a node that has not heard of it yet.`,
      }
    }
  },
})
