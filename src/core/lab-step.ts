/** What a drill does to a lab, as data: one language for drills, rehearsals and the drills that users write. */
export type LabStep =
  /** One statement, or several that may share a transaction. */
  | { readonly do: 'sql'; readonly node: string; readonly text: string; readonly as?: 'admin' | 'app' }
  /** A transaction in a session of its own, begun and forgotten: idle with all that it holds, for so long or until the drill ends. */
  | {
      readonly do: 'hold'
      readonly node: string
      readonly text: string
      readonly application?: string
      readonly forMs?: number
    }
  /** Statements again and again in a session of its own, as a script with a pause at its end, until the drill ends. */
  | {
      readonly do: 'repeat'
      readonly node: string
      readonly texts: readonly string[]
      readonly everyMs: number
      readonly application?: string
    }
  | { readonly do: 'release'; readonly release: AppRelease }
  /** Users have changed their passwords, and use the new ones: nothing but the people changes. */
  | ({ readonly do: 'passwords' } & NewPasswords)
  /** Somebody rewrites settings files: of these instances, counted from 1, or of all. */
  | ({ readonly do: 'env'; readonly instances?: readonly number[] } & SettingsChange)
  /** Lines at the end of postgresql.conf; they count after a reload or a restart. */
  | { readonly do: 'conf'; readonly node: string; readonly settings: Readonly<Record<string, string>> }
  /** Lines of pg_hba.conf, before all others or after them: the first that matches counts, after a reload. */
  | { readonly do: 'hba'; readonly node: string; readonly at: 'top' | 'end'; readonly lines: readonly string[] }
  | { readonly do: 'reload'; readonly node: string }
  /** `fails`: the start that fails is what the step is for, and one that works is the step's failure. */
  | { readonly do: 'restart'; readonly node: string; readonly fails?: true }
  | { readonly do: 'start'; readonly node: string; readonly fails?: true }
  | { readonly do: 'stop'; readonly node: string; readonly mode: 'fast' | 'immediate' }
  /** `kill -9` of the postmaster. */
  | { readonly do: 'kill'; readonly node: string }
  /** How the application's way to a node is from now on; only in a drill that puts proxies there. */
  | { readonly do: 'proxy'; readonly node: string; readonly way: ProxyWay }
  /** So many processes that only count. */
  | { readonly do: 'burn'; readonly processes: number; readonly forMs: number }
  /** So many sessions that ask a node without a pause. */
  | { readonly do: 'pgload'; readonly node: string; readonly clients: number; readonly forMs: number }
  /** Bytes of a table's page are turned round on disk while the server is stopped in good order; it is started again. */
  | ({ readonly do: 'corrupt'; readonly node: string; readonly table: string } & Damage)
  | { readonly do: 'wait'; readonly ms: number }

/** A version of the login application: which statements it sends, and how it goes wrong by itself. */
export interface AppRelease {
  readonly name: string
  readonly statements: {
    /** One row with `password_hash` for `$1`, the user's id. */
    readonly read: string
    /** One write on the primary, `$1` the user's id. */
    readonly write: string
  }
  /** The users' passwords begin with this word now (`pw` by default): they have changed them. */
  readonly password?: string
  /** A bug of the application's own: this share of logins compares the wrong hash, whatever the database answered. */
  readonly wrongShare?: number
}

/** `count` users from id `from` on have passwords that begin with this word. */
export interface NewPasswords {
  readonly from: number
  readonly count: number
  readonly prefix: string
}

/** What an update writes into a settings file. */
export interface SettingsChange {
  /** Keys as they stand in the file; null takes one out. */
  readonly set?: Readonly<Record<string, string | null>>
  /** Of the connection that writes: `DB_PORT` and its like. */
  readonly main?: ConnectionChange
  /** Of every connection that reads: inside `READ_…_URL`. */
  readonly reads?: ConnectionChange
}

export interface ConnectionChange {
  /** `closed`: one where nobody listens. Else the port by which the application reaches that node. */
  readonly port?: 'closed' | { readonly of: string }
  readonly database?: string
  readonly password?: string
  readonly sslMode?: string
}

/** `delay`: each way. `black-hole`: what is sent is swallowed, also on connections that stand. `refuse`: nobody listens. */
export type ProxyWay =
  | { readonly is: 'open' }
  | { readonly is: 'delay'; readonly ms: number }
  | { readonly is: 'black-hole' }
  | { readonly is: 'refuse' }

/** Where in a relation's file; pages have 8192 bytes and count from 0. */
export interface Damage {
  readonly page: number
  readonly offset: number
  readonly length: number
}
