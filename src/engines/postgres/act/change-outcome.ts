import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Session } from '../session.ts'
import { changeRefused, changeSessionName, openChangeSession } from './change-session.ts'

/** A transaction of ours whose end nobody saw. */
export interface OwnTransaction {
  readonly node: string
  /** Its number, with the epoch. */
  readonly xid: string
  readonly pid: number
}

export interface Outcome {
  /** `null`: too old, or of another server: nobody can tell any more. */
  readonly status: 'committed' | 'aborted' | null
  /** Its commit waited for a synchronous standby that does not answer: it is committed here, and perhaps nowhere else. */
  readonly waitedForStandby: boolean
}

const row = z.object({
  status: z.enum(['committed', 'aborted', 'in progress']).nullable(),
  pid: z.number().nullable(),
  wait: z.string().nullable(),
})

const limits = {
  lookMs: { default: 3_000, unit: 'ms', why: 'a look at one row of the catalog' },
  pollMs: { default: 50, unit: 'ms', why: 'a session that was told to end is gone within some milliseconds' },
  patienceMs: { default: 10_000, unit: 'ms', why: 'a transaction that undoes much needs a moment to be rolled back' },
} as const

/**
 * What became of a transaction of ours, seen from a second session. Where its session is still there, nobody waits for its
 * answer any more, while others wait for its locks: it is ended. What waits for a synchronous standby is committed already,
 * and ending the wait only makes that visible (postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION).
 */
export async function outcomeOf(own: OwnTransaction, url: string, signal: AbortSignal): Promise<Outcome> {
  const session = await openChangeSession(own.node, url, signal)
  try {
    return await outcomeIn(session, { ...own, application: changeSessionName }, signal)
  } finally {
    await session.close()
  }
}

/** The same by a session that is open. `application`: the name under which the transaction was begun. */
export async function outcomeIn(
  session: Session,
  { node, xid, pid, application }: OwnTransaction & { readonly application: string },
  signal: AbortSignal,
): Promise<Outcome> {
  const untilMs = performance.now() + limits.patienceMs.default
  let waitedForStandby = false
  for (;;) {
    const answer = await session.run(
      { text: look, values: [xid, pid, application] },
      { signal, deadlineMs: limits.lookMs.default },
    )
    if (!answer.ok) throw changeRefused(node, answer.failure)
    const { status, pid: alive, wait } = row.parse(answer.rows[0])
    waitedForStandby ||= wait === 'SyncRep'
    if (status !== 'in progress') return { status, waitedForStandby }
    if (alive !== null) await session.run({ text: end, values: [alive] }, { signal, deadlineMs: limits.lookMs.default })
    if (performance.now() > untilMs) return { status: null, waitedForStandby }
    await sleep(limits.pollMs.default, undefined, { signal })
  }
}

/** A process number is given anew one day: only a session of our name in this very transaction is ours. */
const look = `select pg_catalog.txid_status($1::bigint) as status, own.pid, own.wait
  from (values (1)) as one (n)
  left join lateral (
    select a.pid, a.wait_event as wait from pg_catalog.pg_stat_activity a
    where a.pid = $2 and a.application_name = $3::text
      and (a.backend_xid is null or a.backend_xid::text = ($1::bigint % 4294967296)::text)
  ) own on true`

const end = 'select pg_catalog.pg_terminate_backend($1::int)'
