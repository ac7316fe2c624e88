import { z } from 'zod'
import type { Statement } from '../session.ts'
import type { Digest, Range } from './comparable.ts'
import type { Compared } from './digest-statement.ts'
import { digestColumns, digestRow, hashedRows, toDigest, whereOf } from './digest-statement.ts'
import { Parameters } from './predicate.ts'
import { literal, regclass, treeOf } from './sql.ts'
import { stampOf } from './table-shape.ts'

/** A look at a whole table, with all that must not cost a statement of its own. */
export interface Look {
  readonly digest: Digest
  /** As in `TableShape`: another one, and the columns are no longer those that were hashed. */
  readonly stamp: string
  readonly readers: Readers | null
}

export interface Readers {
  /** The role of each client session of others whose last statement reads the table; null where the server hides statements from us. */
  readonly roles: readonly string[] | null
  /** Scans of the table and its indexes that the server has counted, ours among them. */
  readonly scans: number
  /** Ours that it has not counted yet: it counts an idle session's up to ten seconds late. */
  readonly ownPending: number
  /** Ours by this very statement. */
  readonly ownNow: number
  /** Sessions of other watchers that compare tables there: the server counts their scans as anybody's. */
  readonly othersComparing: number
}

export interface LookOptions {
  readonly range: Range
  readonly versions: boolean
  /**
   * Look who reads. `not-by-identity` leaves the primary key and replica identity index out, because a subscriber's apply
   * worker looks each row up in them.
   */
  readonly readers: 'no' | 'all-scans' | 'not-by-identity'
}

export function lookStatement(table: Compared, { range, versions, readers }: LookOptions): Statement {
  const relation = regclass(table.schema, table.table)
  const parameters = new Parameters()
  const where = whereOf(table, range, parameters)
  if (readers === 'no')
    return {
      text: `select z.*, ${stampOf(relation)} as stamp
        from (select ${digestColumns(versions)} from ${hashedRows(table, where, versions)}) z`,
      values: parameters.values,
    }
  // `b.own` is named inside the scan, so that our scans are counted before it and again after it.
  const digest = `(select ${digestColumns(versions)} from ${hashedRows(table, `b.own >= 0 and ${where}`, versions)})`
  return {
    text: `with relations as materialized (${relationsOf(relation, readers)})
      select z.*, ${stampOf(relation)} as stamp, b.own::float8 as before, ${readersColumns(table.table)}
      from (select coalesce(sum(pg_stat_get_xact_numscans(oid)), 0) as own from relations offset 0) b
      cross join lateral ${digest} z`,
    values: parameters.values,
  }
}

/** Who reads, without a look at the table itself. */
export function readersStatement(table: Compared, readers: Exclude<LookOptions['readers'], 'no'>): Statement {
  const relation = regclass(table.schema, table.table)
  return {
    text: `with relations as materialized (${relationsOf(relation, readers)}) select ${readersColumns(table.table)}`,
  }
}

const readersColumns = (table: string): string => `${visible} as visible,
  (select coalesce(sum(pg_stat_get_xact_numscans(oid)), 0)::float8 from relations) as pending,
  (select coalesce(sum(pg_stat_get_numscans(oid)), 0)::float8 from relations) as scans,
  (${rolesThatName(table)}) as roles,
  (select count(*)::float8 from pg_stat_activity where application_name like '${comparingName}%'
    and application_name <> current_setting('application_name')) as comparing`

/** How the name of a session that compares begins; what follows tells one watcher from another. */
export const comparingName = 'antemortem-compare-'

/** The table, its partitions, and the indexes of both. */
const relationsOf = (relation: string, readers: LookOptions['readers']): string =>
  `select relid as oid from ${treeOf(relation)} p union all
    select indexrelid from pg_index where indrelid in (select relid from ${treeOf(relation)} p)
      ${readers === 'not-by-identity' ? 'and not indisprimary and not indisreplident' : ''}`

const visible = `(pg_has_role('pg_read_all_stats', 'usage') or current_setting('is_superuser') = 'on')`

/** What makes, fills or empties a table names it without reading it: a migration tool's session is no reader. */
const writing = String.raw`^\s*(insert|update|delete|merge|create|alter|drop|truncate|copy|grant|revoke|comment|lock|vacuum|analyze|begin)\M`

/** Compared on the server: statements hold people's data, and never travel. */
function rolesThatName(table: string): string {
  const pattern = `\\m${table.replaceAll(/[^\p{L}\p{N}_]/gu, '\\$&')}\\M`
  return `select coalesce(json_agg(usename order by usename), '[]') from pg_stat_activity
    where backend_type = 'client backend' and datname = current_database() and application_name not like 'antemortem%'
      and pid <> pg_backend_pid() and query ~* ${literal(pattern)}
      and query !~* ${literal(writing)}`
}

const readersFields = {
  pending: z.number(),
  scans: z.number(),
  visible: z.boolean(),
  roles: z.array(z.string().nullable()),
  comparing: z.number(),
}

type ReadersFields = z.infer<z.ZodObject<typeof readersFields>>

const toReaders = ({ pending, scans, visible, roles, comparing }: ReadersFields, ownNow: number): Readers => ({
  roles: visible ? roles.filter((role) => role !== null) : null,
  scans,
  ownPending: pending,
  ownNow,
  othersComparing: comparing,
})

export const readersRow = z.object(readersFields).transform((row) => toReaders(row, 0))

const digestAndStamp = digestRow.extend({ stamp: z.string().nullable() })

/** With readers, or without: the first that fits. */
export const lookRow = z.union([
  digestAndStamp.extend({ ...readersFields, before: z.number() }).transform((row): Look => ({
    digest: toDigest(row),
    stamp: row.stamp ?? '',
    readers: toReaders(row, row.pending - row.before),
  })),
  digestAndStamp.transform((row): Look => ({ digest: toDigest(row), stamp: row.stamp ?? '', readers: null })),
])
