import { z } from 'zod'
import { AntemortemError } from '../../../core/error.ts'
import type { ReaderSession } from '../reader-session.ts'
import type { Limits } from '../session.ts'
import { notOfExtension, ownSchema } from './source.ts'

const tables = `select format('%I.%I', n.nspname, c.relname) as name, n.nspname || '.' || c.relname as key
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.relpersistence = 'p' and ${ownSchema('n')} and ${notOfExtension('pg_class', 'c.oid')} order by 1`
const tableRow = z.object({ name: z.string(), key: z.string() })
const digestRow = z.object({ key: z.string(), digest: z.string() })

/** A digest of all rows of every table, by `schema.table`. For copies with a few rows each: it reads all of them. */
export async function rowDigests(
  { session }: Pick<ReaderSession, 'session'>,
  limits: Limits,
): Promise<ReadonlyMap<string, string>> {
  const ask = async (text: string): Promise<readonly unknown[]> => {
    const answer = await session.run({ text }, limits)
    if (answer.ok) return answer.rows
    throw new AntemortemError(
      'rows-unreadable',
      `the rows could not be read: ${answer.failure.message}`,
      answer.failure.remedy,
    )
  }
  const found = z.array(tableRow).parse(await ask(tables))
  if (found.length === 0) return new Map()
  const digests = found.map(
    ({ name, key }) =>
      `select '${key.replaceAll("'", "''")}' as key, coalesce(md5(string_agg(t::text, ' ' order by t::text)), '') as digest from ${name} as t`,
  )
  return new Map(
    z
      .array(digestRow)
      .parse(await ask(digests.join(' union all ')))
      .map(({ key, digest }) => [key, digest]),
  )
}
