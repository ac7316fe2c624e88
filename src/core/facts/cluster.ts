import type { Blindness, Unseen } from '../observation.ts'

/** Facts that belong to no single node. All times are on the watcher's clock. */

/** Which layer of a connection failed; the last two are about what was answered. */
export type Layer =
  | 'dns'
  | 'tcp'
  | 'tls'
  | 'access'
  | 'auth'
  | 'database'
  | 'capacity'
  | 'role'
  | 'query'
  | 'latency'
  | 'data'
  | 'stale'

/** One new connection, made as the application makes it, and its canary query. */
export interface ContractFact {
  readonly contract: string
  readonly instance: string
  readonly node: string
  readonly from: string
  /** The login that the application uses; null while its settings cannot be read. */
  readonly role: string | null
  readonly atMs: number
  readonly ok: boolean
  readonly layer: Layer | null
  /** SQLSTATE or system code. */
  readonly code: string | null
  readonly message: string | null
  readonly ms: number
  /** Failures in a row, this one included. */
  readonly failures: number
  /** `node`: by the watcher's address of the node, which neither clears nor implicates the network. */
  readonly route: 'application' | 'node'
}

/** What the contract's canary answered on each node behind one fence. */
export interface CanaryFact {
  readonly contract: string
  readonly atMs: number
  /** Tables that the canary's statement names, as `schema.table` where it says so, else the bare name. */
  readonly tables: readonly string[]
  readonly answers: readonly CanaryAnswer[]
}

export interface CanaryAnswer {
  readonly node: string
  readonly rows: number
  /** Keyed digest of the rows as a multiset: equal answers, equal digests; says nothing else. */
  readonly digest: string
  readonly fence: 'reached' | 'not-reached' | 'not-needed'
}

/** Outcomes that the application reported itself in one second. */
export interface OutcomeCell {
  /** Whose outcomes these are; absent in bundles of older programs. */
  readonly contract?: string
  readonly instance: string
  readonly node: string
  readonly code: string
  readonly count: number
}

export interface OutcomesFact {
  /** Seconds of the window, oldest first; a second without a line is absent. */
  readonly seconds: readonly { readonly atMs: number; readonly cells: readonly OutcomeCell[] }[]
  /** Share of failures while all was last known good; null while nothing is. */
  readonly baseline: number | null
  /** The same by contract, where several contracts report. */
  readonly baselines?: Readonly<Record<string, number | null>>
  /** Contracts whose outcomes could not be read, while those of others were. */
  readonly unread?: readonly ({ readonly contract: string } & Omit<Unseen, 'seen'>)[]
}

export type TouchedVerdict = 'equal' | 'different' | 'absent' | 'lagging' | 'unverifiable'

/** A touched table, compared on one pair of nodes behind a fence. */
export interface TouchedFact {
  readonly schema: string
  readonly table: string
  readonly source: string
  readonly node: string
  readonly atMs: number
  readonly verdict: TouchedVerdict
  /** Why, where the verdict is no comparison: the SQLSTATE or the words. */
  readonly detail: string | null
  /** Where it could not be compared: of what kind the reason is, and the order that ends it. */
  readonly why?: Blindness
  readonly remedy?: string
  readonly sourceRows: number | null
  readonly nodeRows: number | null
  /** Comparisons in a row with this verdict, this one included. */
  readonly times: number
  /** First of these. */
  readonly sinceMs: number
  /**
   * Do clients read this table on this node? Roles and number of the sessions whose last statement reads it
   * (`pg_stat_activity`), and scans since we first looked, without our own (`pg_stat_user_tables`).
   */
  readonly readBy: { readonly roles: readonly string[]; readonly sessions: number; readonly scans: number }
}

/** A connection of the watcher's own, to a node's address: connect and first answer. */
export interface PathFact {
  readonly from: string
  readonly node: string
  readonly atMs: number
  readonly ok: boolean
  /** Somebody answered there, if only to refuse the login: then it is not the path. */
  readonly reached: boolean
  readonly ms: number
  readonly detail: string | null
}

export interface ClusterFacts {
  readonly contracts: readonly ContractFact[]
  readonly canaries: readonly CanaryFact[]
  readonly outcomes: OutcomesFact
  readonly touched: readonly TouchedFact[]
  readonly paths: readonly PathFact[]
}

export type ClusterFactKey = keyof ClusterFacts
