import { z } from 'zod'
import type { NodeReader } from '../rows/node-reader.ts'
import { readRows } from '../rows/node-reader.ts'

/** Roles that may log in and write a table, by its name: without superusers, whom no grant holds back. */
export interface Writers {
  readonly schema: string
  readonly table: string
  readonly roles: readonly string[]
}

const row = z.object({ schema: z.string(), table: z.string(), roles: z.array(z.string()) })

/** Of each table that a subscription fills; the owner of the subscription is none of them, for rows are written as it. */
export async function readWriters(reader: NodeReader, signal: AbortSignal): Promise<readonly Writers[]> {
  const text = `select n.nspname::text as schema, c.relname::text as table,
      pg_catalog.array_agg(distinct r.rolname::text order by r.rolname::text) as roles
    from pg_catalog.pg_subscription_rel s
    join pg_catalog.pg_class c on c.oid = s.srrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_roles r on r.rolcanlogin and not r.rolsuper
      and pg_catalog.has_table_privilege(r.oid, c.oid, 'insert, update, delete')
      and pg_catalog.has_schema_privilege(r.oid, n.oid, 'usage')
    group by 1, 2 order by 1, 2`
  return readRows(reader, { text }, row, signal)
}
