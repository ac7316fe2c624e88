import { z } from 'zod'
import type { Address } from '../address.ts'
import { classify, type LinkFailure } from '../failure.ts'
import type { Limits } from '../session.ts'
import { openSession } from '../session.ts'

/** A standby follows a whole server, a subscription one database: other lines of pg_hba.conf count, and other rights. */
export type Replication = 'physical' | 'logical'

export type Identified =
  /** Until the server has said who it is. */
  | { readonly ok: true; readonly ms: number; readonly systemId: string }
  | { readonly ok: false; readonly failure: LinkFailure }

const row = z.object({ systemid: z.string() })

/**
 * A new connection as a receiver makes it, and `IDENTIFY_SYSTEM`: no slot is taken, nothing is streamed, and its walsender is given
 * back as soon as the answer is there. No timeout of the server's bounds this command; the deadline is ours.
 * https://www.postgresql.org/docs/18/protocol-replication.html
 */
export async function identifySystem(
  address: Address,
  kind: Replication,
  { signal, deadlineMs, applicationName }: Limits & { readonly applicationName: string },
): Promise<Identified> {
  const startedAt = performance.now()
  // Which of several hosts is meant a receiver reads from parameters that the driver does not pass on: the first that answers.
  const there: Address = { ...address, targetSession: 'any' }
  const opened = await openSession(
    // Under this name libpq looks for its password, and the server does not look at it.
    kind === 'physical' ? { ...there, database: 'replication' } : there,
    { applicationName, replication: kind === 'physical' ? 'true' : 'database', signal, deadlineMs },
  )
  if (!opened.ok) return opened
  const { session } = opened
  try {
    const answer = await session.run({ text: 'IDENTIFY_SYSTEM' }, { signal, deadlineMs })
    if (!answer.ok) return answer
    const known = row.safeParse(answer.rows[0])
    if (known.success) return { ok: true, ms: performance.now() - startedAt, systemId: known.data.systemid }
    const words = { code: 'NOT_POSTGRESQL', message: 'the answer to IDENTIFY_SYSTEM is not that of PostgreSQL' }
    return { ok: false, failure: classify(words, 'ready', `${address.host}:${address.port}`) }
  } finally {
    await session.close()
  }
}
