import { z } from 'zod'
import type { NodeReader } from './node-reader.ts'
import { readRows } from './node-reader.ts'

/** What of a table a subscription is sent; both null: all of it, or nothing at all. */
export interface Published {
  readonly columns: readonly string[] | null
  readonly rowFilter: string | null
}

const publications = `select subpublications as names from pg_subscription
  where subname = $1 and subdbid = (select oid from pg_database where datname = current_database())`

/** A row is sent when any of the publications wants it; one without a filter wants all. */
const restrictions = `select array_agg(distinct c)::text[] as columns,
    case when count(*) filter (where rowfilter is null) = 0
      then string_agg(distinct '(' || rowfilter || ')', ' or ') end as filter
  from pg_publication_tables left join lateral unnest(attnames) c on true
  where schemaname = $1 and tablename = $2 and pubname = any ($3::text[])
  having count(*) > 0`

const namesRow = z.object({ names: z.array(z.string()) })
const restrictionsRow = z.object({ columns: z.array(z.string()).nullable(), filter: z.string().nullable() })

/** Asks the target which publications it subscribes to, and the source what these carry of the table. */
export async function readPublished(
  nodes: { readonly source: NodeReader; readonly target: NodeReader },
  subscription: string,
  name: { readonly schema: string; readonly table: string },
  signal: AbortSignal,
): Promise<Published> {
  const [subscribed] = await readRows(nodes.target, { text: publications, values: [subscription] }, namesRow, signal)
  if (!subscribed) return { columns: null, rowFilter: null }
  const values = [name.schema, name.table, `{${subscribed.names.map((text) => JSON.stringify(text)).join(',')}}`]
  const [found] = await readRows(nodes.source, { text: restrictions, values }, restrictionsRow, signal)
  return { columns: found?.columns ?? null, rowFilter: found?.filter ?? null }
}
