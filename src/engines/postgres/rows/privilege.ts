import { z } from 'zod'
import type { NodeReader } from './node-reader.ts'
import { readRows } from './node-reader.ts'

/** What the session's own role lacks to read every row of a table; needs no privilege itself. */
const statement = `select quote_ident(current_user) as role, quote_ident(n.nspname) as schema,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname) as relation,
    has_schema_privilege(n.oid, 'usage') as usage, has_table_privilege(c.oid, 'select') as readable,
    row_security_active(c.oid) as hidden
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`

const row = z.object({
  role: z.string(),
  schema: z.string(),
  relation: z.string(),
  usage: z.boolean(),
  readable: z.boolean(),
  hidden: z.boolean(),
})

/** The statements that let the reading role see all rows of the table there; empty where it may already. */
export async function missingGrants(
  reader: NodeReader,
  name: { readonly schema: string; readonly table: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [found] = await readRows(reader, { text: statement, values: [name.schema, name.table] }, row, signal)
  if (!found) return []
  const { role, schema, relation, usage, readable, hidden } = found
  return [
    ...(usage ? [] : [`grant usage on schema ${schema} to ${role};`]),
    ...(readable ? [] : [`grant select on ${relation} to ${role};`]),
    ...(hidden ? [`alter role ${role} bypassrls;`] : []),
  ]
}
