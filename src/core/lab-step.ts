/** What a drill does to a lab, as data: one language for drills, rehearsals and the drills that users write. */
export type LabStep =
  | { readonly do: 'sql'; readonly node: string; readonly text: string; readonly as?: 'admin' | 'app' }
  /** A statement in a session of its own that stays open for so long, or until the drill ends. */
  | { readonly do: 'hold'; readonly node: string; readonly text: string; readonly forMs: number }
  | { readonly do: 'release'; readonly release: AppRelease }
  | { readonly do: 'conf'; readonly node: string; readonly settings: Readonly<Record<string, string>> }
  | { readonly do: 'restart'; readonly node: string }
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
