import { subject } from '../../../../core/subject.ts'
import type { Placed, ReviewInput } from '../../input.ts'
import { factOf, fresh, isDoneBefore, isOnPrimary, nodesOf, primaryOf } from '../../nodes.ts'
import { defineReviewRule, type ReviewDraft } from '../../rule.ts'
import type { TableName } from '../../tables.ts'
import { carriersOf } from '../../carriers.ts'
import { alterationsOf, columnsMade, constraintsOf, same, tableOn, wordsOf } from '../../tables.ts'

/** The first row with a column that the subscriber lacks stops the whole subscription, all its other tables with it. */
export default defineReviewRule({
  id: 'replication/column-not-on-subscriber',
  consequence: 'replication/schema-drift',
  severity: 'error',
  question: 'Does every subscriber have the columns that the publisher sends, before it sends them?',
  *run(input) {
    for (const statement of fresh(input))
      for (const { subtype, table, name, def } of alterationsOf(input, statement)) {
        if (name === null) continue
        if (subtype === 'AT_AddColumn' && isOnPrimary(input, statement) && !isGenerated(constraintsOf(def)))
          yield* onPublisher(input, statement, table, name)
        if (subtype === 'AT_DropColumn') yield* onSubscribers(input, statement, table, name)
      }
  },
})

const isGenerated = (constraints: ReturnType<typeof constraintsOf>): boolean =>
  constraints.some(({ contype }) => contype === 'CONSTR_GENERATED')

function* onPublisher(input: ReviewInput, statement: Placed, table: TableName, column: string): Generator<ReviewDraft> {
  for (const node of carriersOf(input, table)) {
    if (isLeftOut(input, table) || tableOn(input, node, table)?.columns.some(({ name }) => name === column)) continue
    const made = input.statements.filter(
      (one) => one.nodes.includes(node) && columnsMade(input, one, table).includes(column),
    )
    if (made.some((one) => isDoneBefore(input, one, node, statement))) continue
    const isLate = made.length > 0
    yield {
      object: subject.table(node, table.schema, table.name),
      nodes: [node],
      severity: isLate ? 'warning' : 'error',
      message: isLate
        ? `${wordsOf(table)} gets column ${column} on the publisher before ${node} has it: rows written between the two stop the subscription until then`
        : `${wordsOf(table)} gets column ${column} on the publisher and not on ${node}: the first row written afterwards stops the subscription, with all its tables`,
      remedy: `Put this before it:\n-- antemortem:on ${node}\n${statement.sql};`,
      at: statement,
      basis: 'topology',
    }
  }
}

/** What the subscriber drops and the publisher still sends. */
function* onSubscribers(
  input: ReviewInput,
  statement: Placed,
  table: TableName,
  column: string,
): Generator<ReviewDraft> {
  const sent = tableOn(input, primaryOf(input), table)?.columns.some(({ name }) => name === column) ?? false
  const isGone = input.statements.some(
    (one) =>
      isOnPrimary(input, one) &&
      alterationsOf(input, one).some(
        (each) => each.subtype === 'AT_DropColumn' && each.name === column && same(each.table, table),
      ),
  )
  for (const node of carriersOf(input, table))
    if (statement.nodes.includes(node) && sent && !isGone)
      yield {
        object: subject.table(node, table.schema, table.name),
        nodes: [node],
        message: `${wordsOf(table)} loses column ${column} on ${node} while the publisher goes on sending it: the next row stops the subscription`,
        remedy: 'Drop it on the publisher first.',
        at: statement,
        basis: 'topology',
      }
}

/** Every publication that lists the table names its columns: a new one is not sent. */
function isLeftOut(input: ReviewInput, table: TableName): boolean {
  const publications = factOf(input, primaryOf(input), 'publications') ?? []
  const subscribed = new Set(
    nodesOf(input, 'subscriber').flatMap((node) =>
      (factOf(input, node, 'subscriptions') ?? []).flatMap((one) => one.publications),
    ),
  )
  const listed = publications
    .filter(({ name }) => subscribed.has(name))
    .flatMap(({ tables }) => tables.filter((one) => same(one, table)))
  return listed.length > 0 && listed.every(({ columns }) => columns !== null)
}
