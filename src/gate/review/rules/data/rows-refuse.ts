import { subject } from '../../../../core/subject.ts'
import type { ReviewInput } from '../../input.ts'
import { fresh } from '../../nodes.ts'
import { defineReviewRule, type ReviewDraft } from '../../rule.ts'
import { alterationsOf, isRequired, madeBefore, wordsOf } from '../../tables.ts'

/** A statement that judges the rows that are there fails on production, whatever an empty copy says. */
export default defineReviewRule({
  id: 'data/rows-refuse',
  consequence: 'application/error',
  severity: 'error',
  question: "Do production's rows let every statement through that judges them?",
  *run(input) {
    if (input.topology === null) yield* required(input)
    for (const { statement, node, table, rows, most, what, look, detail } of input.probes) {
      const at = table.indexOf('.')
      const object = subject.table(node, table.slice(0, at), table.slice(at + 1))
      if (rows === null)
        yield {
          object,
          nodes: [node],
          severity: 'info',
          message: `whether rows of ${table} refuse it (${what}) could not be asked: ${detail ?? 'no answer'}`,
          remedy: `Let the reading role select from ${table}, or look by hand.`,
          at: statement,
          basis: 'probe',
        }
      else if (rows > 0)
        yield {
          object,
          nodes: [node],
          message: `${rows >= most ? `${most} rows or more` : rows === 1 ? '1 row' : `${rows} rows`} of ${table} refuse it (${what}): it fails on ${node}, and a deployment stops half-way`,
          remedy: `Mend those rows first; they are shown by: ${look}`,
          at: statement,
          basis: 'probe',
        }
    }
  },
})

/** By the text alone only what fails on every table that is not empty. */
function* required(input: ReviewInput): Generator<ReviewDraft> {
  for (const statement of fresh(input))
    for (const { table, subtype, name, def } of alterationsOf(input, statement)) {
      const [node = 'primary'] = statement.nodes
      if (subtype !== 'AT_AddColumn' || !isRequired(def) || madeBefore(input, node, table, statement.n) !== undefined)
        continue
      yield {
        object: subject.table(node, table.schema, table.name),
        nodes: statement.nodes,
        severity: 'warning',
        message: `${wordsOf(table)} gets column ${name ?? ''}, which must not be null and has no default: it fails unless the table is empty (23502)`,
        remedy: 'Add it with a default, or without not null, fill it, and set not null in a second step.',
        at: statement,
        basis: 'text',
      }
    }
}
