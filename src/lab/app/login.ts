import { createHash } from 'node:crypto'
import { failureCode } from './failure-code.ts'
import type { Pools } from './pools.ts'
import type { AppRelease, NewPasswords } from '../../core/lab-step.ts'
import { passwordOf } from './passwords.ts'

/** How one login ended. */
export interface LoginResult {
  /** Where: the node that served the read, or the primary for the write. */
  readonly node: string
  /** `ok`, SQLSTATE, a system's code, or the application's own `APP_…`. */
  readonly code: string
  readonly op?: 'write'
}

const hashOf = (password: string): string => createHash('md5').update(password).digest('hex')

/** Reads the user's credentials on one node, compares, and notes the login on the primary. */
export async function login(
  pools: Pools,
  release: AppRelease,
  at: {
    readonly node: string
    readonly primary: string
    readonly userId: number
    readonly changed: NewPasswords | null
  },
): Promise<LoginResult> {
  const { node, primary, userId, changed } = at
  try {
    const hash = await pools.read(node, release.statements.read, userId)
    if (hash === undefined) return { node, code: 'APP_NO_SUCH_USER' }
    const isBuggy = Math.random() < (release.wrongShare ?? 0)
    if (hash !== hashOf(passwordOf(userId, release, changed)) || isBuggy) return { node, code: 'APP_BAD_HASH' }
  } catch (error) {
    return { node, code: failureCode(error) }
  }
  try {
    await pools.write(release.statements.write, userId)
    return { node, code: 'ok' }
  } catch (error) {
    return { node: primary, op: 'write', code: failureCode(error) }
  }
}
