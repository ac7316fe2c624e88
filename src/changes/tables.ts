import type { ColumnFact, TableFact } from '../core/facts/postgres/schema.ts'
import { subject } from '../core/subject.ts'
import type { Difference } from './difference.ts'
import { pairByName } from './difference.ts'

const columnText = (column: ColumnFact): string =>
  [
    `${column.name} ${column.type}`,
    column.notNull ? 'not null' : '',
    column.default === null ? '' : `${column.generated ? 'generated as' : 'default'} ${column.default}`,
    column.identity ? 'identity' : '',
  ]
    .filter((part) => part !== '')
    .join(' ')

const identities = { d: 'primary key', n: 'nothing', f: 'full', i: 'index' } as const

/** The table as short lines by what they are about, so that the difference of two can be read aloud. */
function lines(table: TableFact): Map<string, string> {
  const flag = (name: string, is: boolean): readonly [string, string] => [name, is ? name : `not ${name}`]
  return new Map([
    ...table.columns.map((column) => [`column ${column.name}`, `column ${columnText(column)}`] as const),
    ...table.constraints.map((constraint) => [`constraint ${constraint}`, `constraint ${constraint}`] as const),
    ...table.indexes.map((index) => [`index ${index}`, `index ${index}`] as const),
    ['replica identity', `replica identity ${identities[table.replicaIdentity]}`],
    ['owner', `owner ${table.owner}`],
    ['kind', table.kind],
    flag('unlogged', table.unlogged),
    flag('partition', table.isPartition),
  ])
}

const fullName = ({ schema, name }: TableFact): string => `${schema}.${name}`

const summary = (table: TableFact): string =>
  `${table.kind === 'partitioned' ? 'partitioned table' : 'table'} (${table.columns.map(columnText).join(', ')})`

/** What two tables have otherwise, as words for each; what one does not have is said too, because null would mean no table. */
function otherwise(old: TableFact, now: TableFact): readonly [before: string, after: string] | null {
  const [was, is] = [lines(old), lines(now)]
  const keys = [...new Set([...was.keys(), ...is.keys()])].filter((key) => was.get(key) !== is.get(key))
  const words = (side: Map<string, string>): string => keys.map((key) => side.get(key) ?? `no ${key}`).join('; ')
  return keys.length === 0 ? null : [words(was), words(is)]
}

/** One difference a table: what it no longer has, and what it has now. Rows and their estimate are not schema. */
export function* tableDifferences(
  node: string,
  before: readonly TableFact[],
  after: readonly TableFact[],
): Iterable<Difference> {
  // A renamed table keeps its oid under another name.
  const wasByOid = new Map(before.map((one) => [one.oid, one]))
  const isByOid = new Map(after.map((one) => [one.oid, one]))
  for (const [, old, now] of pairByName(before, after, fullName)) {
    const table = now ?? old
    if (!table) continue
    const object = subject.table(node, table.schema, table.name)
    if (!old || !now) {
      const elsewhere = old ? isByOid.get(old.oid) : wasByOid.get(table.oid)
      yield {
        kind: 'schema',
        object,
        before: old ? summary(old) : elsewhere ? `${fullName(elsewhere)} (before it was renamed)` : null,
        after: now ? summary(now) : elsewhere ? `renamed to ${fullName(elsewhere)}` : null,
      }
    } else if (old.oid !== now.oid) {
      // Dropped and created between two looks: its rows, grants and place in publications are gone, whatever it looks like.
      yield {
        kind: 'schema',
        object,
        before: `oid ${old.oid}: ${summary(old)}`,
        after: `oid ${now.oid}: ${summary(now)}`,
      }
    } else {
      const words = otherwise(old, now)
      if (words) yield { kind: 'schema', object, before: words[0], after: words[1] }
    }
  }
}
