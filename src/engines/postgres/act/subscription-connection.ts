import { z } from 'zod'
import { sqlName } from '../../../core/sql-text.ts'
import { literal } from '../rows/sql.ts'
import type { Session } from '../session.ts'
import { changeRefused, openChangeSession } from './change-session.ts'

const deadlineMs = 5_000

const may = z.object({ may: z.boolean() })
const rows = z.array(z.object({ name: z.string(), conninfo: z.string() }))

/** The connection strings of the subscriptions of this database, passwords in them; null: the acting role may not read them. */
export async function readConnections(
  node: string,
  url: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string> | null> {
  const session = await openChangeSession(node, url, signal)
  try {
    // Asked for without the privilege it would be refused, and stand in the server's log.
    const allowed = await run(
      session,
      node,
      `select pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'select') as may`,
      signal,
    )
    if (!may.parse(allowed[0]).may) return null
    const found = await run(
      session,
      node,
      `select subname as name, subconninfo as conninfo from pg_catalog.pg_subscription
        where subdbid = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())`,
      signal,
    )
    return new Map(rows.parse(found).map(({ name, conninfo }) => [name, conninfo]))
  } finally {
    await session.close()
  }
}

/** Its worker starts anew with it; the server does not try it. */
export const connectionOrder = (subscription: string, text: string): string =>
  `alter subscription ${sqlName(subscription)} connection ${literal(text)}`

/** Gives a subscription a connection string. */
export async function setConnection(
  { node, url, subscription, text }: { node: string; url: string; subscription: string; text: string },
  signal: AbortSignal,
): Promise<void> {
  const session = await openChangeSession(node, url, signal)
  try {
    await run(session, node, connectionOrder(subscription, text), signal)
  } finally {
    await session.close()
  }
}

async function run(session: Session, node: string, text: string, signal: AbortSignal): Promise<readonly unknown[]> {
  const answer = await session.run({ text }, { signal, deadlineMs })
  if (!answer.ok) throw changeRefused(node, answer.failure)
  return answer.rows
}
