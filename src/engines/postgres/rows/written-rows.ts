import { z } from 'zod'
import type { NodeReader } from './node-reader.ts'
import { readRows } from './node-reader.ts'

/** A table, and the rows that were written to it since its counters began, as the server counts them. */
export interface WrittenRows {
  readonly schema: string
  readonly table: string
  readonly writes: number
}

const row = z.object({ schema: z.string(), table: z.string(), writes: z.number() })

/** A partitioned table counts nothing itself: what its leaves do stands under its name as well. */
const text = `select s.schemaname as schema, s.relname as table, s.writes::float8 as writes
  from (select relid, schemaname, relname, n_tup_ins + n_tup_upd + n_tup_del as writes
    from pg_stat_user_tables) s where s.writes > 0
  union all
  select n.nspname, r.relname, sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del)::float8
  from pg_stat_user_tables s join pg_class c on c.oid = s.relid and c.relispartition
    join pg_class r on r.oid = pg_partition_root(c.oid) join pg_namespace n on n.oid = r.relnamespace
  group by 1, 2 having sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del) > 0`

/** Tables that were ever written to. A standby counts nothing. Throws `ReadFailed`. */
export const readWrittenRows = async (reader: NodeReader, signal: AbortSignal): Promise<readonly WrittenRows[]> =>
  readRows(reader, { text }, row, signal)
