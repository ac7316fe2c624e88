import { subject } from '../../../../core/subject.ts'
import { child, list, text } from '../../../change/tree.ts'
import type { Placed } from '../../input.ts'
import { factOf, fresh, isDoneBefore, isOnPrimary, nodesOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { carriersOf } from '../../carriers.ts'
import { wordsOf } from '../../tables.ts'

/** A label travels as text: the first row with one that the subscriber does not know stops its subscription. */
export default defineReviewRule({
  id: 'replication/enum-value',
  consequence: 'replication/schema-drift',
  severity: 'error',
  question: 'Do subscribers know every new value of an enum before a row uses it?',
  *run(input) {
    for (const statement of fresh(input)) {
      const value = isOnPrimary(input, statement) ? newValue(statement) : null
      if (value === null) continue
      for (const node of nodesOf(input, 'subscriber')) {
        const tables = (factOf(input, node, 'tables') ?? []).filter(
          (table) =>
            table.columns.some(({ type }) => baseName(type) === value.type) && carriersOf(input, table).includes(node),
        )
        const made = input.statements.filter((one) => one.nodes.includes(node) && newValue(one)?.label === value.label)
        if (made.some((one) => isDoneBefore(input, one, node, statement))) continue
        const isLate = made.length > 0
        for (const table of tables)
          yield {
            object: subject.table(node, table.schema, table.name),
            nodes: [node],
            severity: isLate ? 'warning' : 'error',
            message: `enum ${value.type} gets '${value.label}' on the publisher ${isLate ? 'before' : 'and not on'} ${node}${isLate ? ' has it' : ''}: the first row of ${wordsOf(table)} with it stops the subscription (22P02)`,
            remedy: `Put this before it:\n-- antemortem:on ${node}\n${statement.sql};`,
            at: statement,
            basis: 'topology',
          }
      }
    }
  },
})

function newValue({ tree }: Placed): { readonly type: string; readonly label: string } | null {
  const alter = child(tree, 'AlterEnumStmt')
  const label = text(alter, 'newVal')
  const type = text(child(list(alter, 'typeName').at(-1), 'String'), 'sval')
  return label === null || type === null ? null : { type, label }
}

const baseName = (type: string): string => type.replace(/\[\]$/, '').replace(/^.*\./, '').replaceAll('"', '')
