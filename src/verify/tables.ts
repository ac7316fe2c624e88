import type { PublicationFact, SubscriptionFact } from '../core/facts/postgres/publication.ts'
import { matchesGlob } from '../core/glob.ts'
import type { NodeView } from '../core/snapshot.ts'
import type { Inventory, ListedTable } from '../engines/postgres/rows/list-tables.ts'
import { tableName } from './names.ts'
import { extensionTables, foreignTables, largeObjects, listed } from './not-covered.ts'
import type { NodePair, NotCovered } from './pairs.ts'
import { logicalTables } from './published-tables.ts'
import { grantsOf, wantedTable, type WantedTable } from './wanted-table.ts'

export interface Selection {
  readonly tables: readonly WantedTable[]
  readonly notCovered: readonly NotCovered[]
}

export interface PairInventory {
  readonly pair: NodePair
  readonly left: Inventory
  readonly right: Inventory
  /** Of the left node; null where they could not be read. */
  readonly publications: readonly PublicationFact[] | null
  /** All subscriptions of the right node, whoever feeds them. */
  readonly feeds: readonly SubscriptionFact[]
  /** Those of the left node that the right one feeds. */
  readonly back: readonly SubscriptionFact[]
}

/** Is this table meant? By its name with or without its schema, or by that of the partitioned table that it is a part of. */
export const isMeant = (
  globs: readonly string[],
  { schema, table, root }: Pick<ListedTable, 'schema' | 'table' | 'root'>,
): boolean =>
  globs.some((glob) =>
    [{ schema, table }, ...(root ? [root] : [])].some(
      (each) =>
        matchesGlob(glob, `${each.schema}.${each.table}`) || (!glob.includes('.') && matchesGlob(glob, each.table)),
    ),
  )

/** What the servers say of what one node of a pair sends to the other. */
export function sendingOf(
  pair: NodePair,
  pairs: readonly NodePair[],
  nodes: readonly NodeView[],
): Pick<PairInventory, 'pair' | 'publications' | 'feeds' | 'back'> {
  const publications = nodes.find(({ name }) => name === pair.left)?.facts.publications
  const feeds = nodes.find(({ name }) => name === pair.right)?.facts.subscriptions
  const back = pairs.find((other) => other.left === pair.right && other.right === pair.left)
  return {
    pair,
    publications: publications?.seen ? publications.value : null,
    feeds: feeds?.seen ? feeds.value : [],
    back: back?.follows === 'logical' ? back.subscriptions : [],
  }
}

/** Which tables of a pair are compared, and what of it no comparison looks at. `globs` empty: all. */
export function tablesOf(inventory: PairInventory, globs: readonly string[]): Selection {
  const isWanted = (table: ListedTable): boolean => !table.ofExtension && (globs.length === 0 || isMeant(globs, table))
  const { pair } = inventory
  if (pair.follows === 'logical') return logicalTables(inventory, pair.subscriptions, isWanted)
  return pair.follows === 'physical' ? physicalTables(inventory, isWanted) : declaredTables(inventory, isWanted)
}

export type IsWanted = (table: ListedTable) => boolean

/** A standby has everything that is logged: every table that holds rows itself, partitions one by one. */
function physicalTables({ pair, left, right }: PairInventory, isWanted: IsWanted): Selection {
  const wanted = left.tables.filter(isWanted)
  const logged = wanted.filter(({ unlogged }) => !unlogged)
  const grants = grantsOf(pair, right)
  return {
    tables: logged.filter(({ kind }) => kind === 'r' || kind === 'm').map((table) => wantedTable(table, grants(table))),
    notCovered: [
      ...listed(
        pair,
        'unlogged tables',
        wanted.filter(({ unlogged }) => unlogged),
        'nothing of them reaches a standby',
      ),
      ...foreignTables(pair, logged),
      ...extensionTables(pair, left),
      ...largeObjects(pair, left, 'they are in no table that a reading role may read'),
    ],
  }
}

/** Nobody says what the right node should have: what the left one has, partitioned tables as a whole. */
function declaredTables({ pair, left, right }: PairInventory, isWanted: IsWanted): Selection {
  const wanted = left.tables.filter(
    (table) => isWanted(table) && table.root === null && (table.kind === 'r' || table.kind === 'p'),
  )
  const grants = grantsOf(pair, right)
  const [here, there] = [left, right].map(({ tables }) => new Set(tables.map(tableName)))
  return {
    tables: wanted.map((table) =>
      wantedTable(
        table,
        there?.has(tableName(table))
          ? grants(table)
          : {
              detail: `${pair.right} has no such table`,
              remedy: 'Leave it out with --table, or look whether the two belong together.',
            },
      ),
    ),
    notCovered: [
      ...listed(
        pair,
        'tables',
        right.tables.filter((table) => isWanted(table) && table.root === null && !here?.has(tableName(table))),
        `only ${pair.right} has them`,
      ),
      ...listed(
        pair,
        'materialized views',
        left.tables.filter((table) => isWanted(table) && table.kind === 'm'),
        'they are made from other tables on each node',
      ),
      ...foreignTables(pair, left.tables.filter(isWanted)),
      ...extensionTables(pair, left),
      ...largeObjects(pair, left, 'they are in no table that a reading role may read'),
    ],
  }
}
