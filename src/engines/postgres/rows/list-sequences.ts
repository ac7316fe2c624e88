import { z } from 'zod'
import type { NodeReader } from './node-reader.ts'
import { readRow } from './node-reader.ts'

/** Where a sequence stands on a node. */
export interface ListedSequence {
  readonly schema: string
  readonly name: string
  /** Text, because it is a 64-bit number; null before its first use. */
  readonly lastValue: string | null
  readonly readable: boolean
  readonly falling: boolean
}

export interface SequenceInventory {
  /** The reading role, quoted where it must be. */
  readonly role: string
  readonly sequences: readonly ListedSequence[]
}

/** To read one takes a lock on it until the statement ends: 6400 locks are what all sessions of an untouched server share. */
const most = 1000

const row = z.object({
  role: z.string(),
  sequences: z
    .array(
      z.object({
        schema: z.string(),
        name: z.string(),
        last: z.string().nullable(),
        readable: z.boolean(),
        falling: z.boolean(),
      }),
    )
    .nullable(),
})

/** Those that turn round come back to small values by design, and unlogged ones have no value on a standby. */
const text = `select quote_ident(current_user) as role, (select json_agg(json_build_object('schema', s.nspname, 'name', s.relname,
      'last', case when s.may then pg_sequence_last_value(s.oid)::text end, 'readable', s.may, 'falling', s.falling)
      order by s.nspname, s.relname)
    from (select c.oid, n.nspname, c.relname, q.seqincrement < 0 as falling,
        coalesce(has_sequence_privilege(c.oid, 'select, usage'), false) as may
      from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_sequence q on q.seqrelid = c.oid
      where c.relpersistence = 'p' and not q.seqcycle
        and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
      order by n.nspname, c.relname limit ${most}) s) as sequences`

/** The first thousand sequences of a node. Throws `ReadFailed`. */
export async function listSequences(reader: NodeReader, signal: AbortSignal): Promise<SequenceInventory> {
  const { role, sequences } = await readRow(reader, { text }, row, signal)
  return {
    role,
    sequences: (sequences ?? []).map(({ schema, name, last, readable, falling }) => ({
      schema,
      name,
      lastValue: last,
      readable,
      falling,
    })),
  }
}
