import type { PublicationFact, SubscriptionFact } from '../../core/facts/postgres/publication.ts'
import { publishes, publishesByRoot } from '../change/publishing.ts'
import { asNamed, createdTable } from '../change/relations.ts'
import { child, list, text } from '../change/tree.ts'
import type { Placed, ReviewInput } from './input.ts'
import { oncePer } from './once-per.ts'
import { factOf, fresh, isOnPrimary, nodesOf, primaryOf } from './nodes.ts'
import { carriersOf } from './carriers.ts'
import { alterationsOf, madeBefore, resolved, same, tableOn, wordsOf, type TableName } from './tables.ts'

/** A table that the change makes on the publisher, as one of its subscribers will see it. */
export interface NewTable {
  readonly table: TableName
  readonly statement: Placed
  readonly node: string
  readonly publication: string
  readonly subscription: string
  /** Some publication that the node subscribes to has it after the change. */
  readonly isSent: boolean
  /** By what: for messages. */
  readonly why: string
  /** The node has it after the change. */
  readonly isThere: boolean
  /** The subscription is told of it after it was published. */
  readonly isRefreshed: boolean
  /** The node receives every other table of the schema, or gets this one, too: whoever made it meant it to arrive. */
  readonly isMeant: boolean
}

/** Empty without a cluster: the text does not say who subscribes. */
export function* newTables(input: ReviewInput): Generator<NewTable> {
  const publications = factOf(input, primaryOf(input), 'publications') ?? []
  for (const statement of fresh(input)) {
    const table = isOnPrimary(input, statement) ? lastingTable(input, statement) : null
    if (table === null || tableOn(input, primaryOf(input), table) !== null) continue
    for (const node of nodesOf(input, 'subscriber'))
      for (const subscription of factOf(input, node, 'subscriptions') ?? []) {
        const one = seenFrom(input, { node, subscription, publications, statement, table })
        if (one !== null) yield one
      }
  }
}

/** A table that was there before, added to a publication that a subscription is not told of afterwards. */
export interface AddedTable {
  readonly table: TableName
  readonly statement: Placed
  readonly node: string
  readonly publication: string
  readonly subscription: string
}

export function* addedUntold(input: ReviewInput): Generator<AddedTable> {
  for (const statement of fresh(input)) {
    const alter = isOnPrimary(input, statement) ? child(statement.tree, 'AlterPublicationStmt') : null
    const publication = text(alter, 'pubname') ?? ''
    if (text(alter, 'action') === 'AP_DropObjects') continue
    for (const object of list(alter, 'pubobjects')) {
      const relation = child(child(child(object, 'PublicationObjSpec'), 'pubtable'), 'relation')
      const table = relation === null ? null : resolved(input, asNamed(relation))
      if (table === null || tableOn(input, primaryOf(input), table) === null) continue
      for (const node of nodesOf(input, 'subscriber'))
        for (const subscription of factOf(input, node, 'subscriptions') ?? [])
          if (
            subscription.publications.includes(publication) &&
            !subscription.tables.some((known) => same(known, table)) &&
            !input.statements.some(
              (one) => one.n > statement.n && one.nodes.includes(node) && refreshes(one, subscription.name),
            )
          )
            yield { table, statement, node, publication, subscription: subscription.name }
    }
  }
}

interface Looking {
  readonly node: string
  readonly subscription: SubscriptionFact
  readonly publications: readonly PublicationFact[]
  readonly statement: Placed
  readonly table: TableName
}

function seenFrom(
  input: ReviewInput,
  { node, subscription, publications, statement, table }: Looking,
): NewTable | null {
  const named = publications.filter(({ name }) => subscription.publications.includes(name))
  const [first] = subscription.publications
  if (first === undefined) return null
  const parent = parentOf(input, statement) ?? attachedTo(input, table)
  const rule = named.find(({ allTables, schemas }) => allTables || schemas.includes(table.schema))
  const said = publishing(input).flatMap((one) => {
    const word = publishes(one.tree, subscription.publications, table.schema, table.name)
    return word === null || one.n < statement.n ? [] : [{ word, n: one.n }]
  })
  const isByRoot = parent !== null && goesByRoot(input, parent, named)
  const isByParent = parent !== null && !isByRoot && carriersOf(input, parent).includes(node)
  const isSent = said.at(-1)?.word ?? (rule !== undefined || isByParent)
  const sentFrom = said.at(-1)?.n ?? statement.n
  return {
    table,
    statement,
    node,
    publication: (rule ?? named[0])?.name ?? first,
    subscription: subscription.name,
    isSent,
    why: isByParent ? `as a partition of ${wordsOf(parent)}` : `publication ${(rule ?? named[0])?.name ?? first}`,
    isThere: tableOn(input, node, table) !== null || isMadeOn(input, node, table),
    isRefreshed: input.statements.some(
      (one) => one.n > sentFrom && one.nodes.includes(node) && refreshes(one, subscription.name),
    ),
    isMeant: parent === null && (isMadeOn(input, node, table) || carriesRest(input, node, table)),
  }
}

/** Statements of the publisher that may say what a publication carries. */
const publishing = oncePer((input: ReviewInput): readonly Placed[] =>
  input.statements.filter((one) => /^(Create|Alter)PublicationStmt$/.test(one.kind) && isOnPrimary(input, one)),
)

/** Are the rows of its partitions sent as its own? Then a subscriber needs none of them. */
function goesByRoot(input: ReviewInput, parent: TableName, publications: readonly PublicationFact[]): boolean {
  const names = publications.map(({ name }) => name)
  const said = publishing(input).map(({ tree }) => publishesByRoot(tree, names))
  const last = said.findLast((one) => one !== null)
  if (last !== undefined && last !== null) return last
  // A partitioned table itself is listed only where its partitions go by its name.
  const isPartitioned = tableOn(input, primaryOf(input), parent)?.kind === 'partitioned'
  return isPartitioned && publications.some(({ tables }) => tables.some((one) => same(one, parent)))
}

/** Neither temporary nor unlogged: those are replicated by no means. */
function lastingTable(input: ReviewInput, { tree }: Placed): TableName | null {
  const made = createdTable(tree)
  const relation =
    child(child(tree, 'CreateStmt'), 'relation') ?? child(child(child(tree, 'CreateTableAsStmt'), 'into'), 'rel')
  if (made === null || text(relation, 'relpersistence') !== 'p') return null
  return child(tree, 'CreateTableAsStmt')?.['objtype'] === 'OBJECT_MATVIEW' ? null : resolved(input, made)
}

function parentOf(input: ReviewInput, { tree }: Placed): TableName | null {
  const create = child(tree, 'CreateStmt')
  const parent = create?.['partbound'] === undefined ? null : child(list(create, 'inhRelations')[0], 'RangeVar')
  return parent === null
    ? null
    : resolved(input, { schema: text(parent, 'schemaname'), name: text(parent, 'relname') ?? '' })
}

/** The partitioned table that a later statement of the publisher gives it to. */
const attachedTo = (input: ReviewInput, table: TableName): TableName | null =>
  attached(input).get(wordsOf(table)) ?? null

const attached = oncePer((input: ReviewInput): ReadonlyMap<string, TableName> => {
  const given = input.statements.filter((one) => isOnPrimary(input, one)).flatMap((one) => alterationsOf(input, one))
  const found = new Map<string, TableName>()
  for (const { subtype, def, table } of given) {
    const part = subtype === 'AT_AttachPartition' ? child(child(def, 'PartitionCmd'), 'name') : null
    const words = part === null ? null : wordsOf(resolved(input, asNamed(part)))
    if (words !== null && !found.has(words)) found.set(words, table)
  }
  return found
})

const isMadeOn = (input: ReviewInput, node: string, table: TableName): boolean =>
  madeBefore(input, node, table, Infinity) !== undefined

/** `refresh publication`, and what refreshes by itself unless it is told not to. */
function refreshes({ tree }: Placed, subscription: string): boolean {
  const alter = child(tree, 'AlterSubscriptionStmt')
  if (text(alter, 'subname') !== subscription) return false
  const kinds = ['REFRESH', 'SET_PUBLICATION', 'ADD_PUBLICATION'].map((kind) => `ALTER_SUBSCRIPTION_${kind}`)
  return kinds.some((kind) => (text(alter, 'kind') ?? '').startsWith(kind))
}

/** Does it receive every table of the schema that the publisher has? */
const carriesRest = (input: ReviewInput, node: string, { schema }: TableName): boolean =>
  carriedWhole(input).get(`${schema} ${node}`) ?? false

const carriedWhole = oncePer((input: ReviewInput): ReadonlyMap<string, boolean> => {
  const found = new Map<string, boolean>()
  for (const table of factOf(input, primaryOf(input), 'tables') ?? []) {
    if (table.kind !== 'table' || table.unlogged) continue
    const to = carriersOf(input, table)
    for (const node of nodesOf(input, 'subscriber')) {
      const key = `${table.schema} ${node}`
      found.set(key, (found.get(key) ?? true) && to.includes(node))
    }
  }
  return found
})
