import type { CheckResult } from '../../core/finding.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { ReplicationResult } from '../../contracts/examine/replication.ts'
import type { ProbeResult } from '../../contracts/probe.ts'
import type { Contents } from '../../engines/postgres/contents/read-contents.ts'
import type { Beat } from '../beat/beat.ts'
import type { Writers } from '../../engines/postgres/contents/writers.ts'

/** A cluster as the watcher and its checks see it at one moment. */
export interface Look {
  readonly snapshot: Snapshot
  readonly results: readonly CheckResult[]
}

/** One table on one node. */
export interface TableContents {
  readonly node: string
  readonly schema: string
  readonly table: string
  /** null: it was not read. */
  readonly contents: Contents | null
  /** Why not: in words, and by its SQLSTATE where the server refused. */
  readonly unread: { readonly code: string | null; readonly words: string } | null
}

/** What is compared: everything that is known of a cluster before a command ran, or after it. */
export interface Moment extends Look {
  readonly contracts: readonly ContractSeen[]
  /** Every login of replication, tried anew as far as a role of ours may read its connection string. */
  readonly replication: readonly ReplicationResult[]
  readonly contents: readonly TableContents[]
  /** The rows that contracts have in tables of their own, written anew at this moment. */
  readonly beats: readonly Beat[]
  /** Who may write what a subscription fills, by node. */
  readonly writers: ReadonlyMap<string, readonly Writers[]>
}

export type ContractSeen = Pick<ProbeResult, 'fact' | 'remedy' | 'answer'>
