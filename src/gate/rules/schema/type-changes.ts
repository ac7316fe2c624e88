import type { ColumnFact } from '../../../core/facts/postgres/schema.ts'
import { subject } from '../../../core/subject.ts'
import { describedOf, tableIn } from '../../described.ts'
import { defineRule } from '../../rule.ts'

/** Kinds of types among which the server casts by itself: within one, statements of an application go on. */
const families: readonly (readonly [family: string, types: RegExp])[] = [
  ['number', /^(?:smallint|integer|bigint|numeric|real|double precision|money)/],
  ['text', /^(?:text|character|"char"|name|citext)/],
  ['time', /^(?:date|timestamp|time)/],
  ['json', /^jsonb?$/],
]
const familyOf = ({ type }: ColumnFact): string => families.find(([, types]) => types.test(type))?.[0] ?? type

/** Statements that are already written compare the column with values of its old type: the server knows no operator for both. */
export default defineRule({
  id: 'schema/type-changes',
  consequence: 'application/error',
  severity: 'warning',
  question: 'Does every column keep a type with which statements of applications go on?',
  *run({ before, after, primary }) {
    const [was, is] = [describedOf(before, primary), describedOf(after, primary)]
    if (!was || !is) return
    for (const { schema, name, columns, oid } of is.tables) {
      const old = tableIn(was, schema, name)
      if (old?.oid !== oid) continue
      for (const column of columns) {
        const then = old.columns.find((one) => one.name === column.name)
        if (!then || familyOf(then) === familyOf(column)) continue
        yield {
          object: subject.table(primary, schema, name),
          nodes: [primary],
          message: `${schema}.${name}.${column.name} becomes ${column.type} (before: ${then.type}): statements that compare it with ${then.type} fail (42883)`,
          remedy: 'Add a column of the new type, let the application write both, then take the old one away.',
          about: [`${schema}.${name}`],
        }
      }
    }
  },
})
