import { userInfo } from 'node:os'

/** Why something on a host could not be read, and what to do about it. */
export interface Unread {
  readonly why: string
  readonly remedy: string
}

/** Something that was read, or why not: neither is an exception. */
export type Reading<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Unread)

export const read = <T>(value: T): Reading<T> => ({ ok: true, value })
export const unread = (why: string, remedy: string): { readonly ok: false } & Unread => ({ ok: false, why, remedy })

/** The system's code of an error: `ENOENT`; null for what is none of the system's. */
export const codeOfError = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null

const isGone = (code: string | null): boolean => code === 'ENOENT' || code === 'ENOTDIR'

/** Is it that there is nothing? Anything but an error of the system is a bug, and is let through. */
export function isAbsent(error: unknown): boolean {
  const code = codeOfError(error)
  if (code === null) throw error
  return isGone(code)
}

/** An error of the system about a path, in words. */
export function unreadOf(error: unknown, path: string, absent: string): { readonly ok: false } & Unread {
  const code = codeOfError(error)
  if (code === null) throw error
  if (isGone(code)) return unread(`there is no ${path}`, absent)
  if (code === 'EACCES' || code === 'EPERM')
    return unread(
      `${userInfo().username} may not read ${path}`,
      `let ${userInfo().username} read it: run the reader as the server's user, or give its group access (on Debian the group adm reads logs; a data directory needs \`initdb --allow-group-access\`)`,
    )
  return unread(`cannot read ${path}: ${code}`, `look at ${path} on its host`)
}
