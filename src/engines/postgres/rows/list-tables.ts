import { z } from 'zod'
import type { NodeReader } from './node-reader.ts'
import { readRow } from './node-reader.ts'

/** A relation that holds rows of its users, or looks as if it did. */
export interface ListedTable {
  readonly schema: string
  readonly table: string
  /** `pg_class.relkind`: r table, p partitioned (holds nothing itself), m materialized view, f foreign. */
  readonly kind: 'r' | 'p' | 'm' | 'f'
  readonly unlogged: boolean
  /** The partitioned table at the top, of a partition. */
  readonly root: { readonly schema: string; readonly table: string } | null
  /** Belongs to an extension. */
  readonly ofExtension: boolean
  /** `reltuples`, of a partitioned table the sum over its leaves; -1 where it was never analysed. */
  readonly rowsEstimated: number
  /** The statements that let the reading role see all its rows; empty where it may already. */
  readonly grants: readonly string[]
}

/** What a node has, as one statement sees it. */
export interface Inventory {
  readonly tables: readonly ListedTable[]
  /** Rows of `pg_largeobject_metadata`, which everybody may count. */
  readonly largeObjects: number
}

const row = z.object({
  role: z.string(),
  objects: z.number(),
  tables: z
    .array(
      z.object({
        schema: z.string(),
        table: z.string(),
        quoted: z.tuple([z.string(), z.string()]),
        kind: z.enum(['r', 'p', 'm', 'f']),
        unlogged: z.boolean(),
        root: z.tuple([z.string(), z.string()]).nullable(),
        extension: z.boolean(),
        rows: z.number(),
        usage: z.boolean(),
        readable: z.boolean(),
        hidden: z.boolean(),
      }),
    )
    .nullable(),
})

/** Without the temporary ones, which are their session's own. */
const text = `select quote_ident(current_user) as role,
    (select count(*)::float8 from pg_largeobject_metadata) as objects,
    (select json_agg(json_build_object('schema', n.nspname, 'table', c.relname,
        'quoted', json_build_array(quote_ident(n.nspname), quote_ident(c.relname)), 'kind', c.relkind,
        'unlogged', c.relpersistence = 'u',
        'extension', exists (select from pg_depend e
          where e.classid = 1259 and e.objid = c.oid and e.objsubid = 0 and e.deptype = 'e'),
        'rows', case when c.relkind = 'p' then (select case when min(l.reltuples) < 0 then -1 else coalesce(sum(l.reltuples), 0) end
            from pg_partition_tree(c.oid) p join pg_class l on l.oid = p.relid where p.isleaf)
          else c.reltuples end,
        'usage', has_schema_privilege(n.oid, 'usage'), 'readable', has_table_privilege(c.oid, 'select'),
        'hidden', c.relkind <> 'm' and row_security_active(c.oid),
        'root', case when c.relispartition then (select json_build_array(rn.nspname, r.relname) from pg_class r
          join pg_namespace rn on rn.oid = r.relnamespace where r.oid = pg_partition_root(c.oid)) end)
        order by n.nspname, c.relname)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'm', 'f') and c.relpersistence <> 't'
        and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%') as tables`

/** Every table that a role could be asked to compare on a node. Throws `ReadFailed`. */
export async function listTables(reader: NodeReader, signal: AbortSignal): Promise<Inventory> {
  const { role, objects, tables } = await readRow(reader, { text }, row, signal)
  return {
    largeObjects: objects,
    tables: (tables ?? []).map((found): ListedTable => {
      const [schema, table] = found.quoted
      return {
        schema: found.schema,
        table: found.table,
        kind: found.kind,
        unlogged: found.unlogged,
        root: found.root && { schema: found.root[0], table: found.root[1] },
        ofExtension: found.extension,
        rowsEstimated: found.rows,
        grants: [
          ...(found.usage ? [] : [`grant usage on schema ${schema} to ${role};`]),
          ...(found.readable ? [] : [`grant select on ${schema}.${table} to ${role};`]),
          ...(found.hidden ? [`alter role ${role} bypassrls;`] : []),
        ],
      }
    }),
  }
}
