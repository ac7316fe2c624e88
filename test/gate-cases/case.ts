import type { Lab } from '../../src/lab/lab.ts'

/** A node of the lab's topology `auth`, on which every case stands: `reports` is the logical subscriber. */
export type CaseNode = 'primary' | 'standby' | 'reports'

/** What a change breaks, in the words that a finding must use to count as having caught it. */
export interface Breaks {
  /** Id of the cause that it would be in production; several where more than one name is right. */
  readonly consequence: string | readonly string[]
  /** The end of the finding's object, behind the node: `public.users`, `publication auth_pub`, `max_connections`. */
  readonly object: string
  /** Where it hurts. */
  readonly nodes: readonly CaseNode[]
}

/** By what it can be seen before it is carried out; `data`: only by rows that are there already, `load`: only by what runs meanwhile. */
export type SeenBy = 'text' | 'topology' | 'data' | 'load' | 'nothing'

/**
 * One change, as somebody would hand it to the gate, with what it does to a primary, its standby and its subscriber.
 * What breaks was seen on real servers of version 18 before it was written down here.
 */
export interface GateCase {
  /** A letter for its kind, and a number. Never used again for another change. */
  readonly id: string
  readonly title: string
  /** Run before, in this order: part of the cluster, no part of the change. */
  readonly given?: readonly (readonly [node: CaseNode, sql: string])[]
  /** The files of the change, by the name that says what each is. Empty: done by hand, no file says it. */
  readonly files: readonly { readonly name: string; readonly text: string }[]
  /** What is done by hand, while the gate holds a command between its two looks. */
  readonly deed?: (lab: Lab) => Promise<void>
  /** null: nothing; the gate must let it pass. */
  readonly breaks: Breaks | null
  /** Where nothing breaks: may it be warned of? */
  readonly mayWarn?: boolean
  readonly seenBy: SeenBy
}

type Rest = Pick<GateCase, 'seenBy'> & Partial<Pick<GateCase, 'given' | 'mayWarn'>>

export const breaks = (consequence: Breaks['consequence'], object: string, ...nodes: readonly CaseNode[]): Breaks => ({
  consequence,
  object,
  nodes,
})

/** A migration; `-- antemortem:on NODE` in it says where a statement is for. */
export const sql = (id: string, title: string, text: string, what: Breaks | null, rest: Rest): GateCase => ({
  id,
  title,
  files: [{ name: `${id}.sql`, text: `${text}\n` }],
  breaks: what,
  ...rest,
})

/** Lines for postgresql.conf; `# antemortem:on NODE` in it says whose. */
export const conf = (id: string, title: string, text: string, what: Breaks | null, rest: Rest): GateCase => ({
  id,
  title,
  files: [{ name: `${id}/postgresql.conf`, text: `${text}\n` }],
  breaks: what,
  ...rest,
})

/** A whole pg_hba.conf. */
export const access = (id: string, title: string, text: string, what: Breaks | null, rest: Rest): GateCase => ({
  id,
  title,
  files: [{ name: `${id}/pg_hba.conf`, text: `${text}\n` }],
  breaks: what,
  ...rest,
})

/** What somebody does with their hands. */
export const byHand = (
  id: string,
  title: string,
  what: Breaks,
  deed: (lab: Lab) => Promise<void>,
  rest: Rest,
): GateCase => ({
  id,
  title,
  files: [],
  deed,
  breaks: what,
  ...rest,
})
