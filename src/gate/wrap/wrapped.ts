import type { Change } from '../../core/change.ts'
import type { GateFinding } from '../../core/gate.ts'
import type { Severity } from '../../core/severity.ts'
import type { ApplyResult, ListeningAt } from '../rehearsal.ts'
import type { Beats } from '../beat/told.ts'
import type { Allowed } from '../allow.ts'
import type { CommandOutcome } from './command/outcome.ts'
import type { RewrittenConnection } from './connections/rewritten.ts'
import type { Moment } from './moment.ts'

/** A settings file that is another one after the command. */
export interface WrittenFile {
  readonly file: string
  /** It may be so: somebody declared it. */
  readonly isAllowed: boolean
  /** It is gone. */
  readonly isGone: boolean
  /** Keys of its database connections that are otherwise; none where only other lines have changed. */
  readonly keys: readonly string[]
}

/** Everything that is known of a command that was run under the gate: what the rules judge. Plain data. */
export interface Wrapped {
  readonly command: CommandOutcome
  /** As it was typed, without values that look like secrets. */
  readonly words: string
  readonly primary: string
  readonly before: Moment
  readonly after: Moment
  /** A second look, where the first one gave reason for it. */
  readonly again: Moment | null
  readonly applies: readonly ApplyResult[]
  readonly changes: readonly Change[]
  readonly undeclared: readonly Change[]
  readonly allowed: readonly Allowed[]
  readonly files: readonly WrittenFile[]
  /** Subscriptions that have another connection string, as far as the acting roles may read them. */
  readonly connections: readonly RewrittenConnection[]
  readonly serving: ReadonlySet<string>
  /** It went well in a copy first, whose servers were all restarted. */
  readonly isRehearsed: boolean
  /** Where each node is reached. */
  readonly listening: readonly ListeningAt[]
}

/** What a rule says against what the command did. */
export interface WrapDraft extends Pick<GateFinding, 'object' | 'nodes' | 'message' | 'remedy'> {
  /** Where they are not the rule's own. */
  readonly severity?: Severity
  readonly consequence?: string
  readonly rule?: string
}

/** A pure function from what was seen before and after a command to what speaks against it. */
export interface WrapRule {
  readonly id: string
  /** What it is, or becomes: the id of a cause. */
  readonly consequence: string
  readonly severity: Severity
  readonly question: string
  run(wrapped: Wrapped): Iterable<WrapDraft>
}

export const defineWrapRule = (rule: WrapRule): WrapRule => rule

/** The contracts' own rows, before the command and behind it. */
export const beatsOf = (wrapped: Wrapped): Beats => ({
  before: wrapped.before.beats,
  after: latest(wrapped).beats,
  behind: 'the command',
})

/** What is so now: by the second look, where there was one. */
export const latest = ({ after, again }: Wrapped): Moment => again ?? after
