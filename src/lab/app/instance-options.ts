/** What `startApp` tells an instance on its command line: nothing that is secret. */
export interface InstanceOptions {
  readonly instance: string
  readonly applicationName: string
  readonly envFile: string
  readonly releaseFile: string
  /** What its users know; no part of the application. */
  readonly passwordsFile: string
  readonly outcomes: string
  /** Names of the nodes that serve reads. */
  readonly reads: readonly string[]
  readonly primary: string
  readonly users: number
  readonly loginsPerSecond: number
  /** Where in `reads` it begins, so that instances do not march in step. */
  readonly firstTurn: number
  /** It stays when its parent ends, and ends with its folder. */
  readonly detached: boolean
  /** Where it complains when nobody is left to hear it. */
  readonly log: string
}

/** What an instance has taken up. */
export type InstanceMessage =
  | { readonly ready: true }
  | { readonly settings: true }
  | { readonly passwords: true }
  | { readonly release: string }
