import { classify, type LinkFailure } from './failure.ts'
import type { Limits, Session } from './session.ts'

const words = 'a pooler answers here, and hides which server it is: the url of a node must lead to the server itself'

/** What is set in a session behind a pooler goes on to somebody else. Whose session it is, its process number tells: a pooler gives its client another one. */
export const poolerFailure = (where: string): LinkFailure =>
  classify({ code: 'POOLER', message: words }, 'ready', where)

/** Is the session of another process than the one that we were told? A server that told none is not asked. */
export async function isPooled(session: Session, limits: Limits): Promise<boolean> {
  if (session.pid === 0) return false
  const answer = await session.run({ text: 'select pg_catalog.pg_backend_pid() as pid' }, limits)
  const [row] = answer.ok ? answer.rows : []
  const pid: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, 'pid') : null
  return typeof pid === 'number' && pid !== session.pid
}
