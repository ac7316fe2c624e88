import type { Case, DiagnosedCause } from '../core/diagnosis.ts'
import { canonicalJson, type Scalar } from '../core/json.ts'
import { onlyRead, type Plan, type Step } from '../core/plan.ts'
import { subject } from '../core/subject.ts'
import { shown, shownTable } from './names.ts'
import { factOf, refusalsOf } from './refusals.ts'

/** A plan that nobody carries out in this time is looked at again: the world has moved. */
const validForMs = 900_000

export interface PublishTable {
  readonly schema: string
  readonly table: string
  readonly publication: string
  readonly subscription: string
  readonly publisher: string
  readonly subscriber: string
}

/** Makes the plan for a cause whose remedy has one. Pure: the id and the digest come from outside. Null: people must act. */
export function planRemedy(
  cause: DiagnosedCause,
  c: Case,
  { id, digest }: { readonly id: string; readonly digest: (text: string) => string },
): Plan | null {
  const facts = cause.remedy.plan
  if (facts?.kind !== 'publish-table') return null
  const { gap } = facts.facts
  if (gap !== 'not-in-publication' && gap !== 'not-refreshed') return null
  const what = publishTable(facts.facts)
  if (!what) return null
  const mustPublish = gap === 'not-in-publication'
  return {
    id,
    kind: 'publish-table',
    subject: subject.table(what.subscriber, what.schema, what.table),
    cluster: c.cluster,
    basis: {
      fingerprint: digest(canonicalJson({ facts: facts.facts, evidence: cause.evidence.map(({ values }) => values) })),
      atMs: c.atMs,
      expiresMs: c.atMs + validForMs,
    },
    steps: stepsOf(what, mustPublish, {
      ...what,
      publisher_server: serverOf(c, what.publisher),
      subscriber_server: serverOf(c, what.subscriber),
    }),
    refusals: refusalsOf(what, c, mustPublish),
  }
}

function publishTable(facts: Readonly<Record<string, Scalar>>): PublishTable | null {
  const text = (key: string): string => {
    const value = facts[key]
    return typeof value === 'string' ? value : ''
  }
  const what = {
    schema: text('schema'),
    table: text('table'),
    publication: text('publication'),
    subscription: text('subscription'),
    publisher: text('publisher'),
    subscriber: text('subscriber'),
  }
  return Object.values(what).every((value) => value !== '') ? what : null
}

/** An acting role's address is another one than the reading role's: what it reaches must be the server that was diagnosed. */
function serverOf(c: Case, node: string): string | null {
  const server = factOf(c, node, 'server')
  return server && serverText(server)
}

export const serverText = (server: { readonly systemId: string; readonly database: string }): string =>
  `${server.systemId}/${server.database}`

type Draft = Omit<Step, 'n' | 'undo' | 'input'> & {
  readonly undo: Omit<Step, 'n' | 'undo' | 'input' | 'idempotent'> | string
}

/**
 * Undone from the last to the first: the publication drops the table, the subscription forgets it, its copied rows go. The
 * two steps that only look carry the last two, because these must come after what step 3 has done is taken back.
 */
function stepsOf(what: PublishTable, mustPublish: boolean, input: Step['input']): readonly Step[] {
  const { publisher, subscriber } = what
  const name = shownTable(what)
  const publication = `alter publication ${shown(what.publication)}`
  const refresh = `alter subscription ${shown(what.subscription)} refresh publication`
  const drafts: readonly Draft[] = [
    {
      kind: 'table-look',
      words: `see that ${name} is an ordinary table and has no row`,
      node: subscriber,
      idempotent: 'yes',
      deadlineMs: 15_000,
      undo: mustPublish
        ? {
            kind: 'table-empty',
            words: `empty ${name} on ${subscriber} again, if ${publisher} has all of its rows`,
            node: subscriber,
            deadlineMs: 600_000,
          }
        : onlyRead,
    },
    {
      kind: 'subscription-look',
      words: `see that subscription ${shown(what.subscription)} works and does not carry ${name}`,
      node: subscriber,
      idempotent: 'yes',
      deadlineMs: 15_000,
      undo: mustPublish
        ? {
            kind: 'subscription-forget',
            words: `${refresh}, so that it forgets ${name}`,
            node: subscriber,
            deadlineMs: 60_000,
          }
        : onlyRead,
    },
    {
      kind: 'publication-add-table',
      words: `${publication} add table ${name}`,
      node: publisher,
      idempotent: 'check-first',
      deadlineMs: 15_000,
      undo: {
        kind: 'publication-drop-table',
        words: `${publication} drop table ${name}`,
        node: publisher,
        deadlineMs: 15_000,
      },
    },
    {
      kind: 'subscription-refresh',
      words: refresh,
      node: subscriber,
      idempotent: 'check-first',
      deadlineMs: 60_000,
      undo: mustPublish
        ? 'it is taken back with step 2'
        : `a subscription carries what its publications list, and ${shown(what.publication)} listed ${name} before`,
    },
    {
      kind: 'subscription-wait',
      words: `wait until the first copy of ${name} is finished`,
      node: subscriber,
      idempotent: 'yes',
      deadlineMs: 600_000,
      undo: mustPublish
        ? {
            kind: 'rows-look',
            words: `compare once more: ${name} is emptied only if ${publisher} has all of its rows`,
            node: subscriber,
            deadlineMs: 600_000,
          }
        : 'it only waited',
    },
    {
      kind: 'rows-compare',
      words: `compare all rows of ${name} with those of ${publisher}, behind a fence`,
      node: subscriber,
      idempotent: 'yes',
      deadlineMs: 600_000,
      undo: onlyRead,
    },
  ]
  return drafts
    .filter(({ kind }) => mustPublish || kind !== 'publication-add-table')
    .map(({ undo, ...step }, index) => ({
      ...step,
      n: index + 1,
      input,
      undo: typeof undo === 'string' ? { none: undo } : { step: { ...undo, input } },
    }))
}
