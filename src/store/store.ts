import type { Event, EventBody } from '../core/event.ts'
import type { Json } from '../core/json.ts'
import type { JournalEntry, Plan } from '../core/plan.ts'
import type { Proof } from '../core/proof.ts'

/** Milliseconds since the epoch. */
export type Clock = () => number

/** The right to act under a name. A later holder has a higher epoch, and what an earlier one writes is refused. */
export interface Lease {
  readonly name: string
  readonly holder: string
  readonly epoch: number
  readonly untilMs: number
}

export interface EventFilter {
  readonly cluster?: string
  readonly afterSeq?: number
  /** Only events that belong to this incident. */
  readonly incident?: string
  readonly limit?: number
}

/** What the servers looked like when all was well. */
export interface LastGood {
  readonly atMs: number
  /** JSON of the shape `accepted`. */
  readonly fingerprint: unknown
}

/** Rows as they were before a step changed them. */
export interface Image {
  readonly n: number
  readonly rows: readonly Json[]
}

/** A table on two nodes, as a comparison names it. */
export interface VerifiedTable {
  readonly cluster: string
  readonly source: string
  readonly target: string
  readonly relation: string
}

/** How far a comparison of a table has come. */
export interface Verified {
  /** What the table looked like on both nodes: with another one nothing of it holds. */
  readonly stamp: string
  readonly atMs: number
  /** JSON of whoever compares. */
  readonly body: unknown
}

/** What one run of a command leaves for the next. */
export interface Kept {
  readonly atMs: number
  /** JSON of whoever keeps it. */
  readonly body: unknown
}

/** The memory of Antemortem. What a promise has resolved for is on the disk: it survives `kill -9` and a power cut. */
export interface Store {
  /** Where it is, in words for a message. */
  readonly where: string

  /** One transaction a batch: all of it or none. With a lease: only while it is held. */
  append(cluster: string, bodies: readonly EventBody[], atMs: number, fence?: Lease): Promise<readonly Event[]>
  /** In the order of `seq`, which is the order in which they were written. */
  events(filter?: EventFilter): Promise<readonly Event[]>

  /** null while another holder has it. */
  takeLease(name: string, holder: string, ttlMs: number): Promise<Lease | null>
  /** null when somebody else has taken it since. Late is not lost: while nobody took it, it is still ours. */
  renewLease(lease: Lease, ttlMs: number): Promise<Lease | null>
  releaseLease(lease: Lease): Promise<void>
  /** Who has it, or had it last when `untilMs` is past; null when nobody ever had. */
  leaseOf(name: string): Promise<Lease | null>

  /** A plan saved twice must be the same plan. */
  savePlan(plan: Plan): Promise<void>
  plan(id: string): Promise<Plan | null>
  /** Oldest first. `open`: begun, and neither finished nor undone. */
  plans(filter?: { readonly open?: boolean }): Promise<readonly Plan[]>

  /** Written together, and only while the lease is held with this epoch. */
  journalAppend(lease: Lease, ...entries: readonly JournalEntry[]): Promise<void>
  journal(planId: string): Promise<readonly JournalEntry[]>

  /** The first image of a step stays: a step that is repeated would see what it has already changed. */
  saveImage(planId: string, n: number, rows: readonly Json[]): Promise<void>
  images(planId: string): Promise<readonly Image[]>

  saveProof(proof: Proof): Promise<void>
  /** Oldest first. */
  proofs(): Promise<readonly Proof[]>

  saveLastGood(cluster: string, good: LastGood): Promise<void>
  lastGood(cluster: string): Promise<LastGood | null>

  saveVerified(table: VerifiedTable, verified: Verified): Promise<void>
  verified(table: VerifiedTable): Promise<Verified | null>
  /** Of all its tables. */
  verifiedOf(cluster: string): Promise<readonly (VerifiedTable & Verified)[]>
  /** Compared to its end: the next comparison begins anew. */
  forgetVerified(tables: readonly VerifiedTable[]): Promise<void>

  /** The last one stays. */
  saveRecord(kind: string, name: string, kept: Kept): Promise<void>
  record(kind: string, name: string): Promise<Kept | null>
  forgetRecord(kind: string, name: string): Promise<void>

  close(): Promise<void>
}
