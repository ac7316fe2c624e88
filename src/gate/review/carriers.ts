import type { TableFact } from '../../core/facts/postgres/schema.ts'
import type { ReviewInput, Topology } from './input.ts'
import { factOf, nodesOf, primaryOf } from './nodes.ts'
import { oncePer } from './once-per.ts'
import { noTables, tableOn, wordsOf, type TableName } from './tables.ts'

interface Carrier {
  readonly node: string
  /** In a publication that one of its subscriptions names. */
  readonly listed: ReadonlySet<string>
  /** In `pg_subscription_rel`. */
  readonly known: ReadonlySet<string>
}

const carriers = oncePer((topology: Topology): readonly Carrier[] => {
  const publisher = topology.nodes.find(({ name }) => name === topology.primary)?.facts.publications
  const publications = publisher?.seen === true ? publisher.value : []
  return topology.nodes.flatMap(({ name: node, role, facts }) => {
    const subscriptions = facts.subscriptions.seen ? facts.subscriptions.value : []
    if (role !== 'subscriber' || subscriptions.length === 0) return []
    const named = new Set(subscriptions.flatMap((one) => one.publications))
    const looked = publications.filter(({ name }) => named.has(name))
    return [
      {
        node,
        listed: new Set(looked.flatMap(({ tables }) => tables.map(wordsOf))),
        known: new Set(subscriptions.flatMap(({ tables }) => tables.map(wordsOf))),
      },
    ]
  })
})

/** Subscribers that receive the table now: its publication lists it and the subscription knows it. Empty without a cluster. */
export function carriersOf(input: ReviewInput, table: TableName): readonly string[] {
  if (input.topology === null) return []
  const all = carriers(input.topology)
  const names = [table, ...partitionsOf(input, table)].map(wordsOf)
  return all
    .filter(({ listed, known }) => names.some((words) => listed.has(words) && known.has(words)))
    .map(({ node }) => node)
}

/** Of a partitioned table often only its partitions are listed. Nobody says whose they are: they have its columns. */
function partitionsOf(input: ReviewInput, parent: TableName): readonly TableName[] {
  const table = tableOn(input, primaryOf(input), parent)
  if (table?.kind !== 'partitioned') return []
  return (
    partitions(factOf(input, primaryOf(input), 'tables') ?? noTables).get(`${parent.schema} ${columnsOf(table)}`) ?? []
  )
}

const columnsOf = ({ columns }: TableFact): string => columns.map(({ name }) => name).join()

const partitions = oncePer((tables: readonly TableFact[]): ReadonlyMap<string, readonly TableFact[]> => {
  const found = new Map<string, TableFact[]>()
  for (const one of tables.filter(({ isPartition }) => isPartition)) {
    const key = `${one.schema} ${columnsOf(one)}`
    found.set(key, [...(found.get(key) ?? []), one])
  }
  return found
})

/** Those that receive it; without a cluster: whoever subscribes. */
export const mayCarry = (input: ReviewInput, table: TableName): readonly string[] =>
  input.topology === null ? nodesOf(input, 'subscriber') : carriersOf(input, table)
