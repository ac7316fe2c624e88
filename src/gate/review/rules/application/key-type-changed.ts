import { subject } from '../../../../core/subject.ts'
import { basisOf, fresh, isOnPrimary, primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { alterationsOf, tableOn, wordsOf } from '../../tables.ts'
import { isTextType, isWhole, typeText } from '../../types.ts'

/** Sessions that compare a key with a number fail when it is text: there is no such operator. */
export default defineReviewRule({
  id: 'application/key-type-changed',
  consequence: 'application/error',
  severity: 'error',
  question: 'Can the running application still compare keys as it does?',
  *run(input) {
    for (const statement of fresh(input)) {
      if (!isOnPrimary(input, statement)) continue
      for (const { table, subtype, name, def } of alterationsOf(input, statement)) {
        const to = subtype === 'AT_AlterColumnType' ? typeText(def) : null
        if (to === null || name === null) continue
        const fact = tableOn(input, primaryOf(input), table)
        const from = fact?.columns.find((column) => column.name === name)?.type
        const isKey = fact === null ? /^id$|_id$/.test(name) : fact.primaryKey.includes(name) || name.endsWith('_id')
        const isOther =
          from === undefined ? isTextType(to) : isTextType(from) !== isTextType(to) && (isWhole(from) || isWhole(to))
        if (isKey && isOther)
          yield {
            object: subject.table(primaryOf(input), table.schema, table.name),
            nodes: [primaryOf(input)],
            message: `${wordsOf(table)}.${name} becomes ${to}${from === undefined ? '' : ` from ${from}`}: queries and joins that compare it with the old type fail (42883)`,
            remedy:
              'Add a column of the new type beside it, fill it by a trigger, move the application over, then take the old one away.',
            at: statement,
            basis: basisOf(input),
          }
      }
    }
  },
})
