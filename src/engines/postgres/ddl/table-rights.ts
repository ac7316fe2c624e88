import { z } from 'zod'
import { AntemortemError } from '../../../core/error.ts'
import type { ReaderSession } from '../reader-session.ts'
import type { Limits } from '../session.ts'
import { ownSchema } from './source.ts'

/** What one role may do with one table; a right that it has not is not named. */
export interface TableRights {
  readonly role: string
  readonly schema: string
  readonly table: string
  readonly rights: readonly string[]
}

const rights = ['select', 'insert', 'update', 'delete']

const sql = `select r.rolname::text as role, n.nspname::text as schema, c.relname::text as table,
    array_remove(array[${rights
      .map((right) => `case when has_table_privilege(r.oid, c.oid, '${right}') then '${right}' end`)
      .join(', ')}], null) as rights
  from pg_roles r, pg_class c join pg_namespace n on n.oid = c.relnamespace
  where r.rolname = any ($1::text[]) and c.relkind in ('r', 'p', 'v') and c.relpersistence <> 't' and ${ownSchema('n')}
    and has_schema_privilege(r.oid, n.oid, 'usage')
  order by 1, 2, 3`

const row: z.ZodType<TableRights> = z.object({
  role: z.string(),
  schema: z.string(),
  table: z.string(),
  rights: z.array(z.string()),
})

/** What these roles may do with every table, by the catalog alone: nothing is tried. */
export async function readTableRights(
  { session }: Pick<ReaderSession, 'session'>,
  roles: readonly string[],
  limits: Limits,
): Promise<readonly TableRights[]> {
  const list = `{${roles.map((name) => `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`
  const answer = await session.run({ text: sql, values: [list] }, limits)
  if (answer.ok) return z.array(row).parse(answer.rows)
  const { message, remedy } = answer.failure
  throw new AntemortemError('catalog-unreadable', `the privileges could not be read: ${message}`, remedy)
}
