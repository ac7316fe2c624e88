import type { Change } from './change.ts'
import type { Finding, Unchecked } from './finding.ts'
import type { Scalar } from './json.ts'
import type { Observation } from './observation.ts'
import type { Snapshot } from './snapshot.ts'

/** What causes and suspects may look at. It is the content of a bundle: everything in it is redacted JSON. */
export interface Case {
  readonly cluster: string
  readonly atMs: number
  /** From before the first symptom to now. */
  readonly window: { readonly fromMs: number; readonly toMs: number }
  readonly findings: readonly Finding[]
  /** Changes in the window and in the hour before it, oldest first. */
  readonly changes: readonly Change[]
  readonly snapshot: Snapshot
  /** An earlier snapshot of the window, for what must have grown; null where there is none. */
  readonly earlier: Snapshot | null
  /** When everything was last known good; null where nothing is: then nothing can be confirmed but against a declaration. */
  readonly lastGoodMs: number | null
  readonly load: LoadFact
  readonly unansweredMs: Readonly<Record<string, number>>
  /** What checks could not look at, and somebody can have them see; absent where there was nothing, and in old bundles. */
  readonly unchecked?: readonly Unchecked[]
}

/** Active client sessions against the learned band, per node. */
export interface LoadFact {
  readonly nodes: readonly {
    readonly node: string
    readonly active: number
    /** Upper end of the band while all was good; null before it is learned. */
    readonly band: number | null
  }[]
}

export type CauseVerdict = 'confirmed' | 'probable' | 'possible' | 'ruled-out' | 'not-tested'

/** One piece of what was read, in words with its numbers, and where from. */
export interface Evidence {
  readonly words: string
  readonly node: string | null
  readonly source: string
  readonly values: Readonly<Record<string, Scalar>>
}

/** What a cause recognised. Never a verdict: `diagnosis/rank` computes it. */
export interface Match {
  readonly subject: string
  /** The misconfiguration or damage itself, read from a server or file. Without one: possible or probable at most. */
  readonly direct: readonly Evidence[]
  readonly indirect: readonly Evidence[]
  /** Harm that was measured on that very node and object. Without one it is a finding, no cause. */
  readonly harm: readonly Evidence[]
  /** It is new since the last known good state, or contradicts a declaration. */
  readonly isNew: boolean
  /** Findings that it explains: check id and node. */
  readonly explains: readonly { readonly check: string; readonly node: string | null }[]
  /** Objects whose changes may have triggered it, in the form of `Change.object`. */
  readonly objects: readonly string[]
  /** Which of their changes may have; any, where it is not said. An index added to a table takes no row away. */
  readonly isTrigger?: (change: Change) => boolean
  /** Where else a cause may lie that this one follows from: the source of a standby, though nothing of it hurts there. */
  readonly followsOn?: readonly string[]
  /** What speaks against it, and rules it out. */
  readonly refutedBy?: Evidence
  /** What would decide, and could not be looked at. */
  readonly missing?: string
  readonly remedy: Remedy
}

export interface Remedy {
  readonly words: string
  /** The commands, in order. */
  readonly commands: readonly string[]
  /** What a plan is made from, where there is one. */
  readonly plan?: { readonly kind: string; readonly facts: Readonly<Record<string, Scalar>> }
}

export interface Cause {
  /** `group/name`, stable. */
  readonly id: string
  /** The same thing in an imported postmortem. */
  readonly taxonomy: string
  readonly title: string
  /** Causes that this one can follow from. */
  readonly follows: readonly string[]
  recognise(c: Case): Iterable<Match>
}

export interface Measurement {
  readonly measured: number
  readonly limit: number
  readonly unit: string
  readonly implicated: boolean
  readonly why: string
}

/** One of the five usual wrong turns: always measured. */
export interface Suspect {
  readonly id: 'network' | 'load' | 'server-down' | 'deployment' | 'application-code'
  readonly title: string
  measure(c: Case): Observation<Measurement>
}

export interface DiagnosedCause {
  readonly id: string
  readonly subject: string
  readonly verdict: CauseVerdict
  readonly evidence: readonly Evidence[]
  readonly explains: readonly string[]
  readonly follows?: string
  /** The change that set it off, where one is left or one names the object. */
  readonly trigger?: string
  /** Else the candidates. */
  readonly triggers?: readonly string[]
  readonly missing?: string
  readonly remedy: Remedy
}

export interface MeasuredSuspect {
  readonly id: Suspect['id']
  readonly verdict: 'ruled-out' | 'implicated' | 'not-tested'
  readonly measured: number | null
  readonly limit: number | null
  readonly unit: string | null
  readonly why: string
}

export interface Diagnosis {
  readonly atMs: number
  readonly cluster: string
  readonly verdict: 'confirmed' | 'probable' | 'unknown' | 'healthy'
  readonly causes: readonly DiagnosedCause[]
  readonly effects: readonly string[]
  readonly amplifiers: readonly string[]
  readonly suspects: readonly MeasuredSuspect[]
  readonly unexplained: readonly string[]
  readonly next_probe?: string
  /** What was not looked at: it may be wrong, whatever is said above. */
  readonly not_seen?: readonly Unchecked[]
  /** The changes that causes name, in full. */
  readonly changes: readonly Change[]
}

/** Everything that a diagnosis used. The same bundle gives the same diagnosis, byte for byte. */
export interface Bundle {
  readonly format: 1
  readonly program: string
  /** Digest of the causes and suspects that judged. */
  readonly catalogue: string
  readonly case: Case
}
