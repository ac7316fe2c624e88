import type { GateFinding, GateVerdict } from '../core/gate.ts'
import type { ArtefactFile } from './artefact.ts'

export interface Answer {
  readonly verdict: GateVerdict
  readonly findings: readonly GateFinding[]
  /** Settings files that were put back byte for byte. */
  readonly restored?: readonly string[]
}

export interface WrappedCommand {
  readonly words: readonly string[]
  readonly cwd: string
  /** Beside the environment that we have. */
  readonly env: Readonly<Record<string, string>>
  /** The variable that leads it to a copy first; null: it runs at once. */
  readonly variable: string | null
  /** To which node's copy. */
  readonly node: string
}

/** The ways through the gate, as whoever types its commands has them: the drill does not know how they are made. */
export interface Gate {
  review(files: readonly ArtefactFile[]): Promise<Answer>
  rehearse(files: readonly ArtefactFile[]): Promise<Answer>
  wrap(command: WrappedCommand): Promise<Answer>
}
