import { z } from 'zod'
import { ownTables } from '../observe/tables.ts'
import type { NodeReader } from '../rows/node-reader.ts'
import { readRows } from '../rows/node-reader.ts'

const row = z.object({
  oid: z.string(),
  schema: z.string(),
  name: z.string(),
  /** `r` a table with rows of its own, `i` an index. */
  kind: z.enum(['r', 'i']),
  /** `heap`, `btree`, `gin`: who keeps the file. */
  method: z.string(),
  /** Of an index: its table. */
  table: z.string(),
  persistence: z.string(),
  isValid: z.boolean(),
  isReadable: z.boolean(),
  /** As the catalog has it since the last vacuum, analyze or creation. */
  pages: z.number(),
  /** As the file is long. */
  blocks: z.number(),
})

/** A table or index with a file of its own. */
export type Relation = z.output<typeof row>

/** Partitioned tables have no file; temporary ones belong to somebody else's session. */
const statement = `select c.oid::text as oid, n.nspname as schema, c.relname as name, case c.relkind when 'i' then 'i' else 'r' end as kind,
    t.relname as table, c.relpersistence as persistence, coalesce(a.amname, 'heap') as method, coalesce(i.indisvalid and i.indisready, true) as "isValid",
    has_table_privilege(t.oid, 'select') and has_schema_privilege(t.relnamespace, 'usage') and not row_security_active(t.oid) as "isReadable",
    c.relpages::float8 as pages,
    (pg_relation_size(c.oid) / current_setting('block_size')::int8)::float8 as blocks
  from pg_class c left join pg_index i on i.indexrelid = c.oid join pg_class t on t.oid = coalesce(i.indrelid, c.oid)
  join pg_namespace n on n.oid = c.relnamespace left join pg_am a on a.oid = c.relam
  where c.relkind in ('r', 'm', 'i') and ${ownTables} and pg_relation_size(c.oid) is not null
  order by n.nspname, t.relname, c.relkind desc, c.relname`

export const readRelations = async (reader: NodeReader, signal: AbortSignal): Promise<readonly Relation[]> =>
  readRows(reader, { text: statement }, row, signal)
