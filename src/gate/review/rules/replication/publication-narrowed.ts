import { subject } from '../../../../core/subject.ts'
import { child, list, text } from '../../../change/tree.ts'
import type { Placed, ReviewInput } from '../../input.ts'
import { basisOf, factOf, fresh, isOnPrimary, nodesOf, primaryOf } from '../../nodes.ts'
import { defineReviewRule, type ReviewDraft } from '../../rule.ts'
import { resolved, same, wordsOf, type TableName } from '../../tables.ts'

const operations = ['insert', 'update', 'delete', 'truncate'] as const

/** What a publication no longer sends is missing elsewhere from then on, and no view, counter or error says so. */
export default defineReviewRule({
  id: 'replication/publication-narrowed',
  consequence: 'replication/publication-incomplete',
  severity: 'error',
  question: 'Does every publication go on sending all rows, columns and operations that it sends now?',
  *run(input) {
    for (const statement of fresh(input)) {
      if (!isOnPrimary(input, statement)) continue
      yield* dropped(input, statement)
      yield* altered(input, statement)
    }
  },
})

/** Who subscribes to it; without a cluster: whoever does. */
const subscribersTo = (input: ReviewInput, publication: string): readonly string[] =>
  input.topology === null
    ? nodesOf(input, 'subscriber')
    : nodesOf(input, 'subscriber').filter((node) =>
        (factOf(input, node, 'subscriptions') ?? []).some((one) => one.publications.includes(publication)),
      )

const silent = 'slots stay active and lag stays at zero: nothing will show it'

function* dropped(input: ReviewInput, statement: Placed): Generator<ReviewDraft> {
  const drop = child(statement.tree, 'DropStmt')
  if (text(drop, 'removeType') !== 'OBJECT_PUBLICATION') return
  for (const object of list(drop, 'objects')) {
    const name = text(child(object, 'String'), 'sval') ?? ''
    const nodes = subscribersTo(input, name)
    if (nodes.length > 0)
      yield {
        object: subject.publication(primaryOf(input), name),
        nodes,
        message: `publication ${name} is dropped: from then on nothing of it arrives on ${nodes.join(', ')}; ${silent}, and making it again brings no row back`,
        remedy: 'Leave it, or drop the subscriptions to it first.',
        at: statement,
        basis: basisOf(input),
      }
  }
}

function* altered(input: ReviewInput, statement: Placed): Generator<ReviewDraft> {
  const alter = child(statement.tree, 'AlterPublicationStmt')
  if (alter === null) return
  const publication = text(alter, 'pubname') ?? ''
  const nodes = subscribersTo(input, publication)
  if (nodes.length === 0) return
  const base = { nodes, at: statement, basis: basisOf(input) }
  const of = (table: TableName): string =>
    subject.publicationTable(primaryOf(input), publication, table.schema, table.name)
  const entries = tablesIn(input, statement)
  const action = text(alter, 'action')
  const gone = action === 'AP_DropObjects' ? entries.map(({ table }) => table) : []
  const left = action === 'AP_SetObjects' ? notNamed(input, publication, entries) : []
  for (const table of [...gone, ...left])
    yield {
      ...base,
      object: of(table),
      message: `${wordsOf(table)} leaves publication ${publication}: its rows no longer arrive on ${nodes.join(', ')}; ${silent}`,
      remedy: 'Leave it in. What is missed meanwhile comes back only by a new copy of the table.',
    }
  for (const { table, isPart } of action === 'AP_DropObjects' ? [] : entries)
    if (isPart !== null)
      yield {
        ...base,
        object: of(table),
        message: `of ${wordsOf(table)} publication ${publication} sends ${isPart} only: the rest no longer arrives on ${nodes.join(', ')}; ${silent}`,
        remedy: 'Publish the table whole, or say by an ignore comment that the subscriber is meant to have a part.',
      }
  yield* withoutOperations(input, statement, publication, base)
}

function* withoutOperations(
  input: ReviewInput,
  statement: Placed,
  publication: string,
  base: Pick<ReviewDraft, 'nodes' | 'at' | 'basis'>,
): Generator<ReviewDraft> {
  const options = list(child(statement.tree, 'AlterPublicationStmt'), 'options').flatMap(
    (each) => child(each, 'DefElem') ?? [],
  )
  const option = options.find((each) => text(each, 'defname') === 'publish')
  const said = text(child(option, 'arg'), 'String') ?? text(child(child(option, 'arg'), 'String'), 'sval')
  if (said === null) return
  const now = factOf(input, primaryOf(input), 'publications')?.find(({ name }) => name === publication)?.publishes
  const words = said.split(',').map((word) => word.trim())
  const missing = operations.filter((operation) => !words.includes(operation) && (now?.[operation] ?? true))
  if (missing.length === 0) return
  const isTruncated = input.statements.some(({ tree, n }) => n > statement.n && child(tree, 'TruncateStmt') !== null)
  yield {
    ...base,
    object: subject.publication(primaryOf(input), publication),
    severity: missing.every((operation) => operation === 'truncate') && !isTruncated ? 'warning' : 'error',
    message: `publication ${publication} no longer sends ${missing.join(', ')}: what the primary does so stays undone on ${base.nodes.join(', ')}; ${silent}`,
    remedy: `Leave publish = 'insert, update, delete, truncate'.`,
  }
}

interface Entry {
  readonly table: TableName
  /** What of it is sent, where it is not all. */
  readonly isPart: string | null
}

const tablesIn = (input: ReviewInput, { tree }: Placed): readonly Entry[] =>
  list(child(tree, 'AlterPublicationStmt'), 'pubobjects').flatMap((object) => {
    const entry = child(child(object, 'PublicationObjSpec'), 'pubtable')
    const relation = child(entry, 'relation')
    if (relation === null) return []
    const table = resolved(input, { schema: text(relation, 'schemaname'), name: text(relation, 'relname') ?? '' })
    const columns = list(entry, 'columns').map((each) => text(child(each, 'String'), 'sval') ?? '')
    const isPart =
      child(entry, 'whereClause') === null
        ? columns.length === 0
          ? null
          : `columns ${columns.join(', ')}`
        : 'rows that pass its filter'
    return [{ table, isPart }]
  })

/** `set table` replaces the list: what it does not name is taken out. */
const notNamed = (input: ReviewInput, publication: string, entries: readonly Entry[]): readonly TableName[] => {
  const now = factOf(input, primaryOf(input), 'publications')?.find(({ name }) => name === publication)
  return (now?.tables ?? []).filter((table) => !entries.some((entry) => same(entry.table, table)))
}
