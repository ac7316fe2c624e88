import type { Layer } from '../core/facts/cluster.ts'
import type { NamedTable } from '../engines/postgres/logins/own-view.ts'
import type { TableRights } from '../engines/postgres/ddl/table-rights.ts'

/** A login of a contract, as far as a copy can have it. */
export interface Login {
  readonly contract: string
  readonly instance: string
  readonly node: string
  readonly role: string
  readonly database: string
  readonly mustWrite: boolean
  /** Sessions that the instance may open at once. */
  readonly poolMax: number
  /** How long the contract waits for an answer. */
  readonly withinMs: number
}

/** One new connection of a login to its node of the copy. */
export interface LoginTry extends Login {
  /** null: it got in and its canary answered. */
  readonly failure: {
    readonly layer: Layer | null
    readonly code: string | null
    readonly message: string
    readonly remedy: string
  } | null
  /** What its role may do with the tables of its node. */
  readonly rights: readonly TableRights[]
  /** Where the names of the contract's tables lead in its sessions; none where it did not get in. */
  readonly tables: readonly Pick<NamedTable, 'name' | 'schema' | 'oid'>[]
}

export const sameLogin = (a: Login, b: Login): boolean =>
  a.contract === b.contract && a.instance === b.instance && a.node === b.node && a.role === b.role

/** The same login before the change and after it, where it got in before. */
export const pairsOf = (logins: {
  readonly before: readonly LoginTry[]
  readonly after: readonly LoginTry[]
}): readonly { readonly was: LoginTry; readonly is: LoginTry }[] =>
  logins.after.flatMap((is) => {
    const was = logins.before.find((one) => sameLogin(one, is))
    return was && was.failure === null ? [{ was, is }] : []
  })
