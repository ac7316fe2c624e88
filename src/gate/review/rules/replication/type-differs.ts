import { subject } from '../../../../core/subject.ts'
import { fresh, isDoneBefore, isOnPrimary } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { carriersOf } from '../../carriers.ts'
import { alterationsOf, same, tableOn, wordsOf } from '../../tables.ts'
import { holds, typeText } from '../../types.ts'

/** A value that does not fit the subscriber's column stops its subscription, or is rounded there without a word. */
export default defineReviewRule({
  id: 'replication/type-differs',
  consequence: 'replication/schema-drift',
  severity: 'error',
  question: 'Do the columns of every subscriber hold what the publisher may send?',
  *run(input) {
    for (const statement of fresh(input)) {
      if (!isOnPrimary(input, statement)) continue
      for (const { subtype, table, name, def } of alterationsOf(input, statement)) {
        const to = subtype === 'AT_AlterColumnType' ? typeText(def) : null
        if (to === null) continue
        for (const node of carriersOf(input, table)) {
          const there = tableOn(input, node, table)?.columns.find((column) => column.name === name)?.type
          const likewise = input.statements.filter(
            (one) =>
              one.nodes.includes(node) &&
              alterationsOf(input, one).some(
                (other) => other.name === name && same(other.table, table) && holds(to, typeText(other.def) ?? ''),
              ),
          )
          if (
            there === undefined ||
            holds(to, there) ||
            likewise.some((one) => isDoneBefore(input, one, node, statement))
          )
            continue
          const isLate = likewise.length > 0
          const isRounded = to.startsWith('numeric') && there.startsWith('numeric(')
          yield {
            object: subject.table(node, table.schema, table.name),
            nodes: [node],
            severity: isLate ? 'warning' : 'error',
            message: `${wordsOf(table)}.${name ?? ''} becomes ${to} on the publisher and ${isLate ? 'only then' : 'stays'} ${there} on ${node}: ${isRounded ? 'digits that it does not hold are rounded away there, and nothing says so' : 'the first value that it does not hold stops the subscription'}`,
            remedy: `Put this before it:\n-- antemortem:on ${node}\n${statement.sql};`,
            at: statement,
            basis: 'topology',
          }
        }
      }
    }
  },
})
