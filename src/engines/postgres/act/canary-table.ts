import { z } from 'zod'
import type { CanaryTable } from '../../../core/configuration.ts'
import { literal } from '../rows/sql.ts'
import type { Session } from '../session.ts'
import { canaryBounds, canaryDeadlineMs, leave } from './canary-row.ts'

/** A table as a session of the application finds it: whether it is the one that the manual asks for. */
export interface SeenCanaryTable {
  readonly user: string
  readonly isStandby: boolean
  readonly isReadOnly: boolean
  /** null: there is none of this name. */
  readonly found: {
    /** As `pg_class.relkind` and `relpersistence` have it. */
    readonly kind: string
    readonly persistence: string
    /** The schema lets this role in. */
    readonly isOpen: boolean
    /** Of select, insert, update. */
    readonly rights: readonly string[]
    readonly columns: readonly { readonly name: string; readonly type: string }[]
    /** There is one row for each name. */
    readonly hasKey: boolean
  } | null
}

const seenTable: z.ZodType<{ readonly seen: SeenCanaryTable }> = z.object({
  seen: z.object({
    user: z.string(),
    isStandby: z.boolean(),
    isReadOnly: z.boolean(),
    found: z
      .object({
        kind: z.string(),
        persistence: z.string(),
        isOpen: z.boolean(),
        rights: z.array(z.string()),
        columns: z.array(z.object({ name: z.string(), type: z.string() })),
        hasKey: z.boolean(),
      })
      .nullable(),
  }),
})

/** By the catalog: nothing is tried. */
const lookAtTable = (schema: string, table: string): string => `select pg_catalog.json_build_object(
  'user', current_user,
  'isStandby', pg_catalog.pg_is_in_recovery(),
  'isReadOnly', pg_catalog.current_setting('transaction_read_only') = 'on',
  'found', (select pg_catalog.json_build_object(
    'kind', c.relkind, 'persistence', c.relpersistence,
    'isOpen', pg_catalog.has_schema_privilege(n.oid, 'usage'),
    'rights', (select coalesce(pg_catalog.json_agg(r.kind), '[]'::pg_catalog.json)
      from (values ('select'), ('insert'), ('update')) r (kind)
      where pg_catalog.has_any_column_privilege(c.oid, r.kind)),
    'columns', (select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname,
        'type', pg_catalog.format_type(a.atttypid, a.atttypmod)) order by a.attnum), '[]'::pg_catalog.json)
      from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
    'hasKey', exists (select from pg_catalog.pg_index i
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indrelid = c.oid and i.indisprimary and i.indimmediate and i.indnkeyatts = 1 and a.attname = 'name'))
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${literal(schema)} and c.relname = ${literal(table)}
      and c.relkind in ('r', 'p', 'v', 'm', 'f'))) as seen`

/** null: it did not answer. */
export async function lookAtCanaryTable(
  session: Session,
  { schema, table }: CanaryTable,
  signal: AbortSignal,
): Promise<SeenCanaryTable | null> {
  // As the application begins one: whether it may write is what is asked.
  const text = `begin; ${canaryBounds}; ${lookAtTable(schema, table)}`
  const answer = await session.run({ text }, { signal, deadlineMs: canaryDeadlineMs })
  await leave(session, signal)
  return answer.ok ? seenTable.parse(answer.rows[0]).seen : null
}
