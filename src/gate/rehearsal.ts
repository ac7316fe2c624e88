import type { TouchedVerdict } from '../core/facts/cluster.ts'
import type { Telling } from './wayback/told/told.ts'
import type { GateLock } from '../core/gate.ts'
import type { NodeView, Snapshot } from '../core/snapshot.ts'
import type { ChangeStatement } from './change/read-change.ts'
import type { LoginTry } from './logins.ts'
import type { ProbeResult } from './review/input.ts'

/** One statement on one node. */
export interface StatementResult {
  readonly statement: ChangeStatement
  readonly node: string
  /** null: it went through. */
  readonly error: { readonly code: string | null; readonly message: string } | null
  /** Why the copy did not run it, or ran it in other words; null: it ran as it stands. */
  readonly withheld: string | null
  readonly locks: readonly GateLock[]
  readonly walBytes: number
  /** Tables that it wrote to or locked against writers, as `schema.table`. */
  readonly touched: readonly string[]
  readonly tookMs: number
}

/** A row of ours, written on the primary and looked for on another node. */
export interface CanaryResult {
  readonly schema: string
  readonly table: string
  readonly node: string
  readonly step: 'insert' | 'update' | 'delete'
  /** `refused`: the primary itself did not take it. */
  readonly outcome: 'shown' | 'missing' | 'different' | 'refused'
  /** What was different, or why it was refused. */
  readonly detail: string | null
  /** SQLSTATE of a refusal, or a word of ours in capitals. */
  readonly code: string | null
}

/** The errors of a subscription's apply and copy workers, counted by the server. */
export interface ApplyResult {
  readonly node: string
  readonly subscription: string
  /** Before the change. */
  readonly before: number
  /** After it, oldest first; a planned restart of the publisher counts one. */
  readonly polls: readonly number[]
  /** The worker's last error, from the server's log. */
  readonly message: string | null
  /** Its SQLSTATE. */
  readonly code: string | null
  /** The table that it was at, as `schema.table`. */
  readonly relation: string | null
}

/** A table that a subscription newly carries, and whose rows the login of that subscription gets none of. */
export interface UncopiedTable {
  readonly node: string
  readonly subscription: string
  /** The login, as production's pg_stat_replication names it. */
  readonly role: string
  readonly schema: string
  readonly table: string
  /** `policy`: it may read, and row security has no policy that would show it a row. */
  readonly lacks: 'select' | 'policy'
  /** false: who makes the table in production may give the right with it (default privileges). */
  readonly isCertain: boolean
}

/** A table after all, compared between the primary and a node behind a fence. */
export interface ComparedTable {
  readonly schema: string
  readonly table: string
  readonly node: string
  readonly verdict: TouchedVerdict
  readonly detail: string | null
}

/** How a node came through the restart. */
export interface StartResult {
  readonly node: string
  /** The server's own last words, where it does not run any more. */
  readonly failure: string | null
  /** It runs and takes no session: why; null where it takes them. */
  readonly refuses: string | null
  /** `pg_file_settings.error` and `pg_hba_file_rules.error` with file and line. */
  readonly fileErrors: readonly string[]
}

/** The copy while the change was half done, behind this statement. */
export interface Moment {
  readonly behind: ChangeStatement
  readonly snapshot: Snapshot
}

/** Where a node is reached. */
export interface ListeningAt {
  readonly name: string
  readonly host: string
  readonly port: number
}

/** Everything that happened: what the rules judge. Plain data. */
export interface Rehearsal {
  readonly primary: string
  /** The copy before the change and after it, as a watcher of production would see it. */
  readonly before: Snapshot
  /** When the change had run, before the restart: some of what it did does not outlive one. */
  readonly changed: Snapshot
  readonly after: Snapshot
  /** Where the statements went over from one node to others: what was so for a while only. */
  readonly between: readonly Moment[]
  /** Nodes that serve reads of a contract. */
  readonly serving: ReadonlySet<string>
  readonly starts: readonly StartResult[]
  readonly statements: readonly ChangeStatement[]
  readonly results: readonly StatementResult[]
  /** What test rows met before the change: it is not to blame for that. */
  readonly already: { readonly canaries: readonly CanaryResult[]; readonly applies: readonly ApplyResult[] }
  readonly canaries: readonly CanaryResult[]
  readonly applies: readonly ApplyResult[]
  readonly compared: readonly ComparedTable[]
  readonly uncopied: readonly UncopiedTable[]
  /** The contracts' connections, each made anew before the change and after the restart. */
  readonly logins: { readonly before: readonly LoginTry[]; readonly after: readonly LoginTry[] }
  /** Carried tables that the change does not touch, too many to write test rows into. */
  readonly untested: number
  /** `schema.table`, by what the statements locked and by what is described otherwise afterwards. */
  readonly touched: ReadonlySet<string>
  /** Rows of production's tables on the primary by its own estimate, as `schema.table`; -1 where it was never analysed. */
  readonly rows: ReadonlyMap<string, number>
  /** Names of extensions that each real node could create, where the change creates one. */
  readonly extensions: ReadonlyMap<string, ReadonlySet<string>>
  /** Rows of production that would refuse a statement, counted there. */
  readonly probes: readonly ProbeResult[]
  /** What production's catalogs say of what stood there before, for the way back; absent where no statement is known. */
  readonly told?: Telling
  /** Transactions that were left prepared, by node. */
  readonly prepared: readonly { readonly node: string; readonly gid: string }[]
  /** The configuration's nodes as they are in production. */
  readonly real: readonly NodeView[]
  /** Where each of them is reached. */
  readonly listening: readonly ListeningAt[]
  /** Definitions that could not be made in the copy: a statement that fails may fail because of them. */
  readonly notBuilt: readonly string[]
}
