import type { Limits, Opened, Session } from '../session.ts'

/** What becomes of a statement that a driver has prepared under a name, behind a pooler. */
export type NamedStatement =
  /** The session of the server stays with its client. */
  | { readonly is: 'kept' }
  /** Sessions of the server are shared, and the pooler prepares again what a client has prepared. */
  | { readonly is: 'carried' }
  /** Sessions of the server are shared, and what was prepared stays behind in one of them. */
  | { readonly is: 'lost'; readonly code: string; readonly message: string }
  | { readonly is: 'unknown'; readonly why: string }

const text = 'select pg_catalog.pg_backend_pid() as pid'

/** Long enough for a server session that is free; one that waits for another client waits for two minutes. */
const turnMs = 1_000

const pidOf = (rows: readonly unknown[]): number | null => {
  const [row] = rows
  const pid: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, 'pid') : null
  return typeof pid === 'number' ? pid : null
}

/**
 * A named statement (or without a name one that only shows whose session it is) in two transactions of one client, while another client holds the session of the server that the first one
 * had: as two instances of an application do. What it prepares, it takes away again.
 */
export async function tryNamedStatement(
  open: () => Promise<Opened>,
  { name, signal }: { readonly name: string | null; readonly signal: AbortSignal },
): Promise<NamedStatement> {
  const limits = { signal, deadlineMs: turnMs }
  const [mine, other] = await Promise.all([open(), open()])
  try {
    if (!mine.ok || !other.ok) return { is: 'unknown', why: failureIn(mine, other) }
    return await tryWith(mine.session, other.session, name, limits)
  } finally {
    for (const opened of [mine, other]) if (opened.ok) await opened.session.close()
  }
}

const failureIn = (...opened: readonly Opened[]): string =>
  opened.flatMap((each) => (each.ok ? [] : [each.failure.message])).join('; ')

async function tryWith(mine: Session, other: Session, name: string | null, limits: Limits): Promise<NamedStatement> {
  const named = name === null ? { text } : { name, text }
  const first = await mine.run(named, limits)
  if (!first.ok) return { is: 'unknown', why: first.failure.message }
  await other.run({ text: `begin read only; set local statement_timeout = ${turnMs}; savepoint looking` }, limits)
  const held = await other.run({ text }, limits)
  if (!held.ok) return { is: 'unknown', why: `its pool has no second session to try it with: ${held.failure.message}` }
  const isShared = pidOf(held.rows) === pidOf(first.rows)
  const there = isShared ? await other.run(named, limits) : null
  const again = await mine.run(named, limits)
  await other.run({ text: 'rollback to savepoint looking' }, limits)
  // It would stay in the server's session for as long as the pooler keeps that one.
  if (isShared && name !== null) await other.run({ text: `deallocate "${name}"` }, limits)
  await other.run({ text: 'rollback' }, limits)
  if (!again.ok && again.failure.code === '26000') return { is: 'lost', code: '26000', message: again.failure.message }
  if (there !== null && !there.ok && there.failure.code === '42P05')
    return { is: 'lost', code: '42P05', message: there.failure.message }
  if (!again.ok) return { is: 'unknown', why: again.failure.message }
  return { is: isShared || pidOf(again.rows) !== pidOf(first.rows) ? 'carried' : 'kept' }
}
