import type { MeasuredSuspect } from './diagnosis.ts'
import type { GateVerdict } from './gate.ts'

/** One way through the gate that a drill's change was led. */
export interface GateAttempt {
  /** `gate review`, `gate rehearse`, `gate --`, `gate --rehearse-with`. */
  readonly by: string
  /** null: it could not be tried here. */
  readonly verdict: GateVerdict | null
  /** What stopped it, where that is what it must be stopped for. */
  readonly rule: string | null
  readonly object: string | null
  readonly stopped: boolean
  /** It had been done before it was seen, and was put back byte for byte: an application may have met it for a moment. */
  readonly isPutBack: boolean
  /** Why it was not stopped, or not for that. */
  readonly why: string | null
  readonly ms: number
}

/** What one re-enactment of an outage gave. Every figure was measured in this run; what did not come about is null. */
export interface DrillResult {
  /** The outage's id. */
  readonly id: string
  readonly title: string
  /** Of the generator that chose rows and moments: the same seed gives the same drill. */
  readonly seed: number
  /** What the original team needed. */
  readonly original: { readonly toCauseMin: number | null; readonly totalMin: number | null }
  /** The first way through the gate on which the change was stopped, with its rule; absent where none did, or none was tried. */
  readonly prevented?: { readonly by: string; readonly ms: number }
  /** Each that was tried; absent where none was. */
  readonly gate?: readonly GateAttempt[]
  /** What the gate said of the same change done right; where it blocks that, it prevents nothing. */
  readonly corrected?: GateVerdict
  /** From the first harm to the first finding that belongs to it. */
  readonly noticed: { readonly ms: number | null; readonly by: string | null }
  /** From the trigger to the first diagnosis whose first cause is the truth; what was named last where none was. */
  readonly named: {
    readonly ms: number | null
    readonly cause: string | null
    readonly subject: string | null
    /** A `Change.id`. */
    readonly trigger: string | null
    readonly correct: boolean
  }
  /** What the application suffered, by its own word; absent in results of older programs. */
  readonly harm?: {
    /** Failed ÷ all logins since the first that failed; since the trigger where none should. */
    readonly share: number
    readonly codes: Readonly<Record<string, number>>
    /** Is it the harm that the drill is about? Without it nothing was shown, and nothing counts as right. */
    readonly happened: boolean
    /** Why not. */
    readonly why: string | null
  }
  /** Causes with their subjects that were said to be confirmed at any moment and are not the truth; absent in results of older programs. */
  readonly wronglyConfirmed?: readonly string[]
  /** Evidence that the watcher was not given; absent where it had all. */
  readonly without?: readonly string[]
  readonly suspects: readonly MeasuredSuspect[]
  /** From the start of the remedy until the harm was gone; `verified` when the rows were compared afterwards. */
  readonly recovered?: { readonly ms: number; readonly how: string; readonly verified: boolean }
  /** Digest of the artefact that its proofs name; null when the run proved nothing. */
  readonly proof: string | null
}
