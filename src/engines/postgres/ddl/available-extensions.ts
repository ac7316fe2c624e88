import { z } from 'zod'
import type { ReaderSession } from '../reader-session.ts'
import type { Limits } from '../session.ts'

const row = z.object({ name: z.string() })

/** Extensions whose control files lie on the server; null where it did not say. */
export async function availableExtensions(
  { session }: Pick<ReaderSession, 'session'>,
  limits: Limits,
): Promise<ReadonlySet<string> | null> {
  const answer = await session.run({ text: 'select name from pg_available_extensions' }, limits)
  return answer.ok ? new Set(z.array(row).parse(answer.rows).map(({ name }) => name)) : null
}
