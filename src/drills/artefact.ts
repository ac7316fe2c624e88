import type { SettingsChange } from '../core/lab-step.ts'

/** Why a change must be refused: for anything else it was stopped by accident. */
export interface Expected {
  /** Any of these rules of the gate, or the check that it asks. */
  readonly rules: readonly string[]
  /** Any of these subjects, to the letter; a star at the beginning stands for what only a run knows. */
  readonly objects: readonly string[]
  /** The node on which it would hurt. */
  readonly node: string
  /** It has been done when it is seen: it counts as stopped only where it was put back. */
  readonly isPutBack?: true
}

/** A file as it lies in a team's repository: its name says what it is. */
export interface ArtefactFile {
  readonly name: string
  readonly text: string
}

/** What a team would have run: statements on a node, by an address in its environment, or new keys of one instance's settings file. */
export type Updater =
  | { readonly does: 'sql'; readonly node: string; readonly statements: readonly string[] }
  | ({ readonly does: 'env'; readonly instance: number } & SettingsChange)

/**
 * The change that a drill's trigger makes, as a team would have handed it to the gate, and the same done right: that must not be
 * refused.
 */
export type Artefact =
  | {
      readonly is: 'files'
      readonly asMade: readonly ArtefactFile[]
      readonly corrected: readonly ArtefactFile[]
      readonly review: Expected
      readonly rehearse: Expected
    }
  | {
      readonly is: 'command'
      readonly asMade: Updater
      readonly corrected: Updater
      /** It runs in a copy first: `--rehearse-with` the variable in which it finds its database. */
      readonly inCopy: boolean
      readonly expected: Expected
    }
