import type { Change } from './change.ts'
import type { Severity } from './severity.ts'

export type GateStage = 'review' | 'rehearse' | 'apply' | 'verify' | 'rolled-back'
export type GateVerdict = 'pass' | 'warn' | 'block'

/**
 * R0 undone by its own transaction · R1 an exact inverse that touches no data · R2 an inverse that needs a re-sync of a
 * subscriber · R3 only from a backup or another node · R4 never.
 */
export type RollbackClass = 'R0' | 'R1' | 'R2' | 'R3' | 'R4'

export interface GateFinding {
  /** `group/name` of the gate rule. */
  readonly rule: string
  /** What it would become: the id of a cause, so that prevention and diagnosis speak of the same thing. */
  readonly consequence: string
  /** In the form of a subject. */
  readonly object: string
  /** Nodes on which it would hurt. */
  readonly nodes: readonly string[]
  readonly severity: Severity
  readonly message: string
  readonly remedy: string
}

/** By what a review knows it: the change's own words, the cluster, rows of production that were counted, or Squawk. */
export type ReviewBasis = 'text' | 'topology' | 'probe' | 'squawk'

/** What a review says against a change, with its place. */
export interface ReviewFinding extends GateFinding {
  readonly file: string
  readonly line: number
  readonly basis: ReviewBasis
}

/** What a review says of one change. */
export interface ReviewReport {
  readonly verdict: GateVerdict
  readonly findings: readonly ReviewFinding[]
  /** What was muted, what comments have ended, what was not asked. */
  readonly notes: readonly string[]
  /** Parts of the cluster that were not seen: what the rules would know of them is missing. */
  readonly blind: readonly string[]
  /** Those that are new. */
  readonly statements: number
  readonly basis: 'text' | 'topology'
}

/** A lock that the change held in the rehearsal. */
export interface GateLock {
  readonly node: string
  readonly object: string
  /** As `pg_locks` spells it, e.g. `AccessExclusiveLock`. */
  readonly mode: string
  readonly heldMs: number
  /** The table's file was written anew. */
  readonly rewrites: boolean
}

/** What the gate says of one change. */
export interface GateReport {
  /** The files or the command. */
  readonly change: string
  readonly stage: GateStage
  readonly verdict: GateVerdict
  readonly findings: readonly GateFinding[]
  readonly locks: readonly GateLock[]
  /** WAL that the rehearsal wrote; null where it was not rehearsed. */
  readonly walBytes: number | null
  readonly rollback: RollbackClass
  /** What it changed beyond what its text says. */
  readonly undeclared: readonly Change[]
  /** Exit code of a wrapped command. */
  readonly commandExit?: number
  /** Where the steps were written down. */
  readonly journal?: string
}
