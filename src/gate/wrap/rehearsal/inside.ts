/** What the program inside the namespace is told, in a file that only this user may read. */
export interface InsideOrder {
  /** Ports of the copy, and the sockets that lead out to each. */
  readonly ways: readonly { readonly port: number; readonly socket: string }[]
  /** A directory of our own, for what is written. */
  readonly scratch: string
  /** Where the sockets lie: it must stay what it is. */
  readonly sockets: string
  /** Directories of which the command sees a copy: what it writes there is gone afterwards. */
  readonly copied: readonly string[]
  /** Settings files as they are to read inside. */
  readonly files: readonly { readonly path: string; readonly text: string }[]
  /** Sockets of servers that are not to be reached. */
  readonly hidden: readonly string[]
  readonly cwd: string
  readonly words: readonly [string, ...string[]]
  /** Written when all stands and the command begins. */
  readonly ready: string
}

/** What the program inside ends with where it could not even begin. */
export const notBegun = 125
