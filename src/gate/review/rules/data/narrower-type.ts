import { subject } from '../../../../core/subject.ts'
import { child } from '../../../change/tree.ts'
import { fresh } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { alterationsOf, tableOn, wordsOf } from '../../tables.ts'
import { holds, isWhole, typeText } from '../../types.ts'

/** A type that holds less cuts what is there: cents, hours, digits. The server converts without a word. */
export default defineReviewRule({
  id: 'data/narrower-type',
  consequence: 'integrity/data-deleted',
  severity: 'warning',
  question: 'Does every column keep all that its values say when its type changes?',
  *run(input) {
    for (const statement of fresh(input))
      for (const { table, subtype, name, def } of alterationsOf(input, statement)) {
        const to = subtype === 'AT_AlterColumnType' ? typeText(def) : null
        const [node] = statement.nodes
        if (to === null || node === undefined) continue
        const from = tableOn(input, node, table)?.columns.find((column) => column.name === name)?.type
        const isCast = child(child(def, 'ColumnDef'), 'raw_default') !== null
        if (from === undefined ? !mayCut(to, isCast) : !cuts(from, to)) continue
        yield {
          object: subject.table(node, table.schema, table.name),
          nodes: statement.nodes,
          severity: from === undefined ? 'warning' : 'error',
          message: `${wordsOf(table)}.${name ?? ''} becomes ${to}${from === undefined ? '' : ` from ${from}`}: ${from === undefined ? 'what it does not hold' : 'what that does not hold'} (parts of a number, hours of a day) is cut away in every row`,
          remedy: 'Add a column of the new type beside it, fill it, compare the two, then change over.',
          at: statement,
          basis: from === undefined ? 'text' : 'topology',
        }
      }
  },
})

/** By the new type alone: a cast to a whole number, a date or a short number. */
const mayCut = (to: string, isCast: boolean): boolean =>
  isCast ? isWhole(to) || to === 'date' || to === 'real' : to === 'smallint' || to === 'real'

/** Conversions that succeed and lose something; a text that is too long fails instead. */
function cuts(from: string, to: string): boolean {
  const base = from.replace(/\(.*\)/, '')
  const isFraction = ['numeric', 'real', 'double precision'].includes(base)
  if (isFraction && isWhole(to)) return true
  if (base === 'numeric' && to.startsWith('numeric(')) return !holds(from, to)
  if (base === 'double precision' && to === 'real') return true
  return base.startsWith('timestamp') && to === 'date'
}
