import type { NodeView } from '../../core/snapshot.ts'
import type { Ignore } from '../change/comments.ts'
import type { ChangeStatement } from '../change/read-change.ts'
import type { ReadsOnly } from '../files/contract-files.ts'

/** Where something stands in the files of the change. */
export interface Place {
  readonly file: string
  readonly line: number
  /** Comments that let a rule pass here. */
  readonly ignores: readonly Ignore[]
  /** It was derived from a dump: what becomes of the schema is known, how it is made is not. */
  readonly isDump?: boolean
}

/** A statement with its place in the whole change, and where it runs. */
export interface Placed extends ChangeStatement {
  readonly n: number
  /** Names of nodes where the cluster is known, else the words `primary`, `standby`, `subscriber`. */
  readonly nodes: readonly string[]
  /** false: it was there before (`--since`): known, and not judged. */
  readonly isNew: boolean
  /** It stands in the `do` block before it. */
  readonly inBlock: boolean
  readonly isDump?: boolean
}

/** A part of the change that its text does not say, or that was not given. */
export interface NotRead {
  readonly file: string
  readonly line: number
  readonly words: string
}

/** A setting as the change leaves it, by a file, `alter system`, or for a role or database. */
export interface SettingChange {
  readonly name: string
  /** null: taken back. */
  readonly value: string | null
  readonly via: 'file' | 'alter-system' | 'database' | 'role'
  /** The role or database that it is for. */
  readonly owner: string | null
  readonly nodes: readonly string[]
  readonly at: Place
}

/** A line of pg_hba.conf, as the server tells it in `pg_hba_file_rules`. */
export interface AccessLine {
  readonly type: string
  readonly databases: readonly string[]
  readonly roles: readonly string[]
  /** null for `local`. */
  readonly address: string | null
  readonly method: string
  readonly line: number
}

export interface AccessFile {
  readonly nodes: readonly string[]
  readonly lines: readonly AccessLine[]
  /** Lines at which the server reads on in a file that is not known here: whoever comes so far may be let in there. */
  readonly unknownAt: readonly number[]
  readonly at: Place
}

/** A line that its server could not read. */
export interface Unreadable {
  readonly what: 'setting' | 'access-rule'
  /** What it would be called: the setting's name, `pg_hba.conf`. */
  readonly subject: string
  readonly words: string
  readonly nodes: readonly string[]
  readonly at: Place
}

/** `key = value` of another program's file. */
export interface ForeignSetting {
  readonly key: string
  readonly value: string
  readonly at: Place
}

/** Another program's file: an application's, a pooler's. */
export interface ForeignFile {
  readonly kind: 'application' | 'pooler'
  readonly settings: readonly ForeignSetting[]
  /** As they were (`--since`): what was wrong there already is known, and not judged. Empty where the whole file is new. */
  readonly before: readonly ForeignSetting[]
  /** By what the contracts say: these connections need no server that takes writes. */
  readonly readsOnly: ReadsOnly
}

/** Rows of production that a statement would meet, counted by a read-only query. */
export interface ProbeResult {
  readonly statement: Placed
  readonly node: string
  /** `public.users` */
  readonly table: string
  /** Rows that refuse it; counted up to `most`. null: it could not be asked. */
  readonly rows: number | null
  readonly most: number
  /** What the rows are, in words: `last_login is null`, `user_id more than once`. */
  readonly what: string
  /** A query that shows some of them. */
  readonly look: string
  /** Why it could not be asked. */
  readonly detail: string | null
}

/** A login that must still get in. */
export interface Login {
  /** `contract login`, `subscription reports_sub`, `standby standby`. */
  readonly who: string
  readonly role: string
  /** `replication` for a physical standby. */
  readonly database: string
  /** Where it comes from, as the server sees it; null where nobody knows. */
  readonly address: string | null
  readonly tls: boolean | null
  /** The node that it connects to. */
  readonly node: string
}

/** What is known of the cluster. */
export interface Topology {
  readonly cluster: string
  readonly primary: string
  readonly nodes: readonly NodeView[]
  /** Where each node is reached: `host:port`, by its name. */
  readonly addresses: Readonly<Record<string, string>>
  readonly logins: readonly Login[]
  /** Names of extensions that can be made, by node; a node that was not asked is absent. */
  readonly extensions: Readonly<Record<string, readonly string[]>>
}

/** Everything that a rule may look at. Plain data. */
export interface ReviewInput {
  readonly statements: readonly Placed[]
  readonly settings: readonly SettingChange[]
  readonly accessFiles: readonly AccessFile[]
  readonly unreadable: readonly Unreadable[]
  readonly foreign: readonly ForeignFile[]
  readonly notRead: readonly NotRead[]
  /** null: the text alone. */
  readonly topology: Topology | null
  readonly probes: readonly ProbeResult[]
  /** `YYYY-MM-DD` */
  readonly today: string
}
