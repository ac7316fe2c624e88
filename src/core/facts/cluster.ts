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
  /**
   * One round trip on the same route without login or statement, where the answer was late or did not come: it waits for longer
   * than the client. Null: nothing came back; undefined: it was not asked.
   */
  readonly roundTripMs?: number | null
  /** The same at the same moment to the watcher's address of the node, where that is another one. */
  readonly directTripMs?: number | null
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

/** Server log lines of one kind, counted: equal severity, code, role, application and message but for numbers. */
export interface LogEntryFact {
  readonly node: string
  /** On the watcher's clock, as near as the log's own times say. The first may be older than ten minutes, the last is not. */
  readonly firstMs: number
  readonly lastMs: number
  readonly count: number
  /** `ERROR`, `FATAL`, `PANIC`, `WARNING`, or `LOG` for the few that tell of starts, ends and crashes. */
  readonly severity: string
  /** SQLSTATE, where the log's format has it or a well-known English message tells it. */
  readonly code: string | null
  /** The first of them, row values masked. */
  readonly message: string
  readonly detail: string | null
  /** CONTEXT: what the server was doing, e.g. `processing remote data for replication origin …`. */
  readonly context: string | null
  readonly role: string | null
  readonly database: string | null
  readonly application: string | null
}

export interface LogsFact {
  /** Nodes whose log is read to its end. */
  readonly readable: readonly string[]
  /** Nodes whose log is not, and why. `expected`: the configuration says where it lies. */
  readonly blind: readonly {
    readonly node: string
    readonly why: string
    readonly remedy: string
    readonly expected?: boolean
  }[]
  /** Of the last ten minutes, oldest first. */
  readonly entries: readonly LogEntryFact[]
}

/** What a host says of its server, also when that one is dead. */
export interface HostFact {
  readonly node: string
  readonly atMs: number
  /** Is the postmaster of `postmaster.pid` there? */
  readonly postmaster: 'running' | 'absent' | 'unknown'
  readonly pid: number | null
  /** The port of `postmaster.pid`; null without one. */
  readonly port: number | null
  readonly disks: readonly {
    readonly what: 'data' | 'wal' | 'log'
    readonly path: string
    readonly totalBytes: number
    readonly freeBytes: number
  }[]
  readonly cores: number
  /** Share of all cores since the last look; null at the first one. */
  readonly cpuBusy: number | null
  /** Settings of the configuration files, later lines win; secrets masked. */
  readonly configured: readonly {
    readonly file: string
    readonly line: number
    readonly name: string
    readonly value: string
  }[]
  /** Lines of the configuration files that are no setting. */
  readonly misconfigured: readonly { readonly file: string; readonly line: number; readonly text: string }[]
  /** Of `shared_preload_libraries` in the files, those that are not in the library folder; null where the folder is not known. */
  readonly missingLibraries: readonly string[] | null
  /** Of the text of pg_hba.conf without comments; null where it cannot be read. */
  readonly accessRulesDigest: string | null
  /** What of the above could not be read, and why. */
  readonly unseen: readonly { readonly what: HostPart; readonly why: string; readonly remedy: string }[]
}

export type HostPart = 'postmaster' | 'disks' | 'configuration' | 'libraries' | 'access rules'

export interface HostsFact {
  readonly hosts: readonly HostFact[]
  readonly blind: readonly { readonly node: string; readonly why: string; readonly remedy: string }[]
}

/** An application's own settings file, as last read. */
export interface SettingsFileFact {
  readonly contract: string
  readonly instance: string
  readonly file: string
  readonly atMs: number
  /** Why it could not be read; its keys are then those of the last time. */
  readonly problem: string | null
  readonly keys: readonly SettingsKeyFact[]
}

export interface SettingsKeyFact {
  readonly key: string
  /** As it stands; of a secret only a keyed digest, which means nothing outside this process. */
  readonly value: string
  readonly isSecret: boolean
  /** As all was last known good; null where it had no such key, undefined while nothing is known good. */
  readonly lastGood?: string | null
  /** The old value, tried again from this host since it changed: does it still work? */
  readonly oldWorks?: boolean
}

/** What was last known good of each node, to compare with. */
export interface LastGoodFact {
  readonly atMs: number
  readonly by: 'accept' | 'gate' | 'first' | 'moved-on'
  readonly nodes: readonly {
    readonly node: string
    readonly settings: Readonly<Record<string, string>> | null
    readonly roleSettings:
      | readonly {
          readonly role: string | null
          readonly database: string | null
          readonly name: string
          readonly value: string
        }[]
      | null
    readonly accessRulesDigest: string | null
    readonly systemId: string | null
    /** How it stood in replication; absent where an older program wrote it. */
    readonly replication?: {
      readonly inRecovery: boolean | null
      readonly replayPaused: boolean | null
      readonly slots: readonly { readonly name: string; readonly isLost: boolean }[] | null
    }
  }[]
}

/** A team's own invariant (`checks:`), asked on one node. */
export interface InvariantFact {
  readonly name: string
  readonly node: string
  readonly atMs: number
  /** The first column of the only row, as text; null where it could not be asked. */
  readonly value: string | null
  readonly expected: string
  readonly ok: boolean
  readonly problem: string | null
}

export interface ClusterFacts {
  readonly contracts: readonly ContractFact[]
  readonly canaries: readonly CanaryFact[]
  readonly outcomes: OutcomesFact
  readonly touched: readonly TouchedFact[]
  readonly paths: readonly PathFact[]
  readonly logs: LogsFact
  readonly hosts: HostsFact
  readonly files: readonly SettingsFileFact[]
  readonly lastGood: LastGoodFact
  readonly invariants: readonly InvariantFact[]
}

export type ClusterFactKey = keyof ClusterFacts
