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
  /** Of these, the ones for which row security has no policy that would let a row through. */
  readonly barred: readonly string[]
}

/** With the letters of pg_policy.polcmd. */
const rights = { select: 'r', insert: 'a', update: 'w', delete: 'd' } as const

const may = (right: string): string => `has_table_privilege(r.oid, c.oid, '${right}')`

/** Row security is for all but superusers, those who pass it by, and, unless it is forced, the owner. */
const isBarred = (letter: string): string => `c.relrowsecurity and not r.rolsuper and not r.rolbypassrls
    and (c.relforcerowsecurity or not pg_has_role(r.oid, c.relowner, 'usage'))
    and not exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('*', '${letter}')
      and exists (select from unnest(p.polroles) u(oid) where u.oid = 0 or pg_has_role(r.oid, u.oid, 'usage')))`

const list = (conditions: readonly (readonly [right: string, condition: string])[]): string =>
  `array_remove(array[${conditions.map(([right, condition]) => `case when ${condition} then '${right}' end`).join(', ')}], null)`

const sql = `select r.rolname::text as role, n.nspname::text as schema, c.relname::text as table,
    ${list(Object.keys(rights).map((right) => [right, may(right)]))} as rights,
    ${list(Object.entries(rights).map(([right, letter]) => [right, `${may(right)} and ${isBarred(letter)}`]))} as barred
  from pg_roles r, pg_class c join pg_namespace n on n.oid = c.relnamespace
  where r.rolname = any ($1::text[]) and c.relkind in ('r', 'p', 'v') and c.relpersistence <> 't' and ${ownSchema('n')}
    and has_schema_privilege(r.oid, n.oid, 'usage')
  order by 1, 2, 3`

const row: z.ZodType<TableRights> = z.object({
  role: z.string(),
  schema: z.string(),
  table: z.string(),
  rights: z.array(z.string()),
  barred: z.array(z.string()),
})

/** What these roles may do with every table, by the catalog alone: nothing is tried. */
export async function readTableRights(
  { session }: Pick<ReaderSession, 'session'>,
  roles: readonly string[],
  limits: Limits,
): Promise<readonly TableRights[]> {
  const names = `{${roles.map((name) => `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`
  const answer = await session.run({ text: sql, values: [names] }, limits)
  if (answer.ok) return z.array(row).parse(answer.rows)
  const { message, remedy } = answer.failure
  throw new AntemortemError('catalog-unreadable', `the privileges could not be read: ${message}`, remedy)
}
