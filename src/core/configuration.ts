import type { Severity } from './severity.ts'

/** Where a secret or address comes from; never the secret itself in the file. */
export interface NodeConfig {
  readonly name: string
  /** Of the reading role, as written: `env:`, `file:` and `service=` are looked up when it is used (`config/address`). */
  readonly url: string
  /** Of the acting role; only acting commands look at it. */
  readonly act: string | null
  /** How what SQL cannot tell is read; null: it is not, and what needs it says so. */
  readonly host: HostConfig | null
}

/** Where a node's server runs, for its log, its files and its processes. */
export interface HostConfig {
  /** `user@host` for the system's ssh with a forced command; null: this host. */
  readonly ssh: string | null
  /** Data directory; null: the forced command's own. */
  readonly data: string | null
  /** Log file, or the folder of the collector's files; null where it is not read. */
  readonly log: string | null
}

/** A team's own rule: the first column of the only row of a select must be `expect`. */
export interface InvariantConfig {
  readonly name: string
  readonly sql: string
  readonly expect: string
  /** Names of nodes; all where empty. */
  readonly on: readonly string[]
}

/** A finding that somebody has looked at and lives with, until a day. */
export interface Mute {
  /** Id of the check, or a pattern with `*`. */
  readonly check: string
  /** Subject to the letter; null for all of the check. */
  readonly subject: string | null
  readonly owner: string
  readonly reason: string
  readonly untilMs: number
}

/** The application's own way to a node that serves its reads. `key: null`: the contract's login at the node's address. */
export interface ReadRoute {
  readonly node: string
  readonly file: string | null
  readonly key: string | null
}

/** A table that a team has made for the row that the gate writes, and for nothing else. */
export interface CanaryTable {
  readonly schema: string
  readonly table: string
}

export interface ContractConfig {
  readonly name: string
  /** Every instance's own file, each with an optional key. */
  readonly settings: readonly { readonly file: string; readonly key: string | null }[]
  /** The node that the settings must reach. */
  readonly node: string
  readonly readOnly: boolean
  readonly reads: readonly ReadRoute[]
  readonly canary: string | null
  readonly withinMs: number
  readonly staleMs: number
  readonly outcomes: string | null
  /** Tables that the application must be able to write on the contract's node. */
  readonly writes?: readonly string[]
  /** Does its driver use named prepared statements? null, or absent: not said. */
  readonly prepared?: boolean | null
  /** Where the gate writes one row as this contract, around a change; null, or absent: it writes none. */
  readonly canaryTable?: CanaryTable | null
}

/** Share of the time in which a statement of a verification may run on a node, where nobody says another one. */
export const verifyLoad = 0.1

/** How often the rolling sample comes to each table, where nobody says. */
export const verifyEveryMs = 24 * 3_600_000

export interface VerifyConfig {
  /** Patterns of `schema.table`; empty: all tables of users. */
  readonly tables: readonly string[]
  /** Above 0 to 1. */
  readonly load: number
  /** While it is watched, each table is compared at least so often. */
  readonly everyMs: number
}

export interface ClusterConfig {
  readonly name: string
  readonly engine: 'postgres'
  readonly nodes: readonly NodeConfig[]
  readonly contracts: readonly ContractConfig[]
  /** `passive`: reading writes no fence message to the primary's WAL. */
  readonly fence: 'message' | 'passive'
  readonly invariants: readonly InvariantConfig[]
  /** With it, `watch` compares tables as well. */
  readonly verify?: VerifyConfig
}

export interface Configuration {
  /** The file, for messages; null when the command took URLs. */
  readonly file: string | null
  readonly clusters: readonly ClusterConfig[]
  readonly postmortems: string | null
  readonly store: string
  readonly thresholds: Readonly<Record<string, { readonly [limit: string]: number }>>
  readonly failOn: Severity
  readonly mutes: readonly Mute[]
  /** `file:line:column` of each text by its path (`clusters.auth.nodes.primary.url`); absent when the command took URLs. */
  readonly places?: Readonly<Record<string, string>>
}
