import { AntemortemError } from '../../../core/error.ts'
import { addressText, readAddress } from '../address.ts'
import type { LinkFailure } from '../failure.ts'
import { isPooled, poolerFailure } from '../pooler.ts'
import { resolveUrl } from '../resolve.ts'
import { openSession, type Session } from '../session.ts'

const limits = {
  connectMs: { default: 5_000, unit: 'ms', why: 'whoever acts may wait a moment for a busy server' },
  idleMs: { default: 10_000, unit: 'ms', why: 'what a process that died leaves open is ended by the server' },
} as const

/** In `pg_stat_activity`: what is ended there as an attempt of ours bears this name. */
export const changeSessionName = 'antemortem-gate'

/**
 * As in the rehearsal, whatever the acting role's own settings are: `$user` would lead to a schema that the copy does not
 * have, and a role that is read-only by default could change nothing.
 */
const settings = [
  ['lock_timeout', '1s'],
  ['statement_timeout', `${limits.connectMs.default}`],
  ['idle_in_transaction_session_timeout', `${limits.idleMs.default}`],
  ['search_path', 'public'],
  ['row_security', 'off'],
  ['default_transaction_read_only', 'off'],
  ['default_transaction_isolation', 'read\\ committed'],
  ['jit', 'off'],
] as const

/** A session of the acting role for statements of a change. Whoever opens it closes it. */
export async function openChangeSession(node: string, url: string, signal: AbortSignal): Promise<Session> {
  const address = readAddress(resolveUrl(url, node))
  const bounds = { signal, deadlineMs: limits.connectMs.default }
  const opened = await openSession(address, {
    applicationName: changeSessionName,
    ...bounds,
    options: settings.map(([name, value]) => `-c ${name}=${value}`).join(' '),
  })
  if (!opened.ok) throw changeRefused(node, opened.failure)
  // Its time limits and its locks would stay with whoever has the server's session next.
  if (await isPooled(opened.session, bounds)) {
    await opened.session.close()
    throw changeRefused(node, poolerFailure(addressText(address)))
  }
  return opened.session
}

export const changeRefused = (node: string, { code, message, remedy }: LinkFailure): AntemortemError =>
  new AntemortemError(
    'change-refused',
    `${node}: ${message}${code === null || message.includes(code) ? '' : ` (${code})`}`,
    remedies[code ?? ''] ?? remedy,
    { exit: 4 },
  )

const remedies: Readonly<Record<string, string>> = {
  '42501': 'Give the acting role of this node what it lacks: it must own what it alters.',
}
