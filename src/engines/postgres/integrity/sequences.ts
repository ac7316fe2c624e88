import { z } from 'zod'
import { ownTables } from '../observe/tables.ts'
import type { NodeReader } from '../rows/node-reader.ts'
import { readRows } from '../rows/node-reader.ts'

const row = z.object({
  schema: z.string(),
  name: z.string(),
  /** Text, because it is a 64-bit number; null before its first use. */
  last: z.string().nullable(),
  increment: z.string(),
  /** Who asks may read it. */
  may: z.boolean(),
})

/** Where a sequence stands on a node. */
export type SequenceState = z.output<typeof row>

/** To read one takes a lock on it until the statement ends: 6400 locks are what all sessions of an untouched server share. */
const most = 1000

/** Those that turn round come back to small values by design, and unlogged ones have no value on a standby. */
const statement = `select s.nspname as schema, s.relname as name, s.increment, s.may,
    case when s.may then pg_sequence_last_value(s.oid)::text end as last
  from (select n.nspname, c.relname, c.oid, q.seqincrement::text as increment,
    coalesce(has_sequence_privilege(c.oid, 'select, usage'), false) as may
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_sequence q on q.seqrelid = c.oid
  where c.relpersistence = 'p' and not q.seqcycle and ${ownTables}
  order by n.nspname, c.relname limit ${most}) s`

export const readSequences = async (reader: NodeReader, signal: AbortSignal): Promise<readonly SequenceState[]> =>
  readRows(reader, { text: statement }, row, signal)
