/** What an entry of a time line tells, in the words of docs/postmortem-format. */
export const entryKinds = [
  'trigger',
  'detection',
  'investigation',
  'misleading',
  'escalation',
  'mitigation',
  'resolution',
  'follow-up',
] as const
export type EntryKind = (typeof entryKinds)[number]

/** The usual wrong turns, by the ids of the suspects that a diagnosis measures. */
export const wrongTurns = ['network', 'load', 'deployment', 'application-code', 'server-down'] as const
export type WrongTurn = (typeof wrongTurns)[number]

export interface Zone {
  /** As the text spells it, e.g. `GMT+1`. */
  readonly stated: string
  readonly offsetMin: number
}

export interface Moment {
  readonly line: number
  /** As the text spells it. */
  readonly stated: string
  /** null while date or zone is not known: minutes between moments may be known all the same. */
  readonly atMs: number | null
}

export interface Entry extends Moment {
  readonly text: string
  readonly kind: EntryKind
  /** What was looked at in vain: of misleading entries. */
  readonly wrongTurns: readonly WrongTurn[]
  /** The entry that names the cause. */
  readonly causeFound: boolean
  /** Minutes from the first entry; null where the clock time cannot be placed. */
  readonly minute: number | null
}

export interface Measure {
  readonly line: number
  readonly text: string
  /** What keeps it true, in the forms of docs/postmortem-format: `check:…`, `gate:…`, `drill:…`, `verify`, … */
  readonly guards: readonly string[]
}

/** Something that could not be read, or was read with a guess that a person should look at. */
export interface Note {
  readonly line: number
  readonly message: string
}

export interface Postmortem {
  /** The path, as it was given. */
  readonly file: string
  /** Never empty: a heading, else the system that failed, else the file's name. */
  readonly title: string
  readonly start: Moment | null
  readonly end: Moment | null
  readonly zone: Zone | null
  readonly timeline: readonly Entry[]
  readonly minutes: {
    /** From detection to the entry that names the cause. */
    readonly toCause: number | null
    /** From start to end. */
    readonly total: number | null
    /** Spent on wrong turns: each misleading entry until the next entry. */
    readonly misleading: number | null
  }
  readonly rootCause: { readonly line: number; readonly text: string } | null
  readonly measures: readonly Measure[]
  readonly notes: readonly Note[]
}
