import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { literal } from '../rows/sql.ts'
import type { Session } from '../session.ts'
import { changeRefused, changeSessionName } from './change-session.ts'

const limits = {
  lookMs: { default: 3_000, unit: 'ms', why: 'a look at the sessions' },
  pollMs: { default: 50, unit: 'ms', why: 'a session that was told to end is gone within some milliseconds' },
  patienceMs: { default: 10_000, unit: 'ms', why: 'an index that was half-built takes a moment to be given up' },
} as const

const row = z.object({ left: z.coerce.number() })

/** Ends every other session of the gate on the server, and waits until none is left: one change is applied at a time. */
export async function endOwnSessions(session: Session, node: string, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + limits.patienceMs.default
  for (;;) {
    const answer = await session.run({ text: end }, { signal, deadlineMs: limits.lookMs.default })
    if (!answer.ok) throw changeRefused(node, answer.failure)
    if (row.parse(answer.rows[0]).left === 0) return
    if (performance.now() > untilMs) throw new Error(`a session of ours does not end on ${node}`)
    await sleep(limits.pollMs.default, undefined, { signal })
  }
}

const end = `select count(pg_catalog.pg_terminate_backend(pid)) as left
  from pg_catalog.pg_stat_activity
  where application_name = ${literal(changeSessionName)} and pid <> pg_catalog.pg_backend_pid() and datname = pg_catalog.current_database()`
