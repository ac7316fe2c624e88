import { z } from 'zod'
import type { ReaderSession } from '../reader-session.ts'
import type { Limits } from '../session.ts'

const row = z.object({ left: z.number() })

// The function names every walsender to everybody; what it does is for pg_monitor.
const sql = `select current_setting('max_wal_senders')::int - (select count(*)::int from pg_stat_get_wal_senders()) as left`

/** Places for walsenders that nobody has now; null where the reading role gets no answer. */
export async function walsendersLeft(
  { session }: Pick<ReaderSession, 'session'>,
  limits: Limits,
): Promise<number | null> {
  const answer = await session.run({ text: sql }, limits)
  return answer.ok ? row.parse(answer.rows[0]).left : null
}
