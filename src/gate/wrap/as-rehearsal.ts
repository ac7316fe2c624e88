import { carriage } from '../../core/carriage.ts'
import type { TouchedFact } from '../../core/facts/cluster.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { subject } from '../../core/subject.ts'
import { describedOf } from '../described.ts'
import type { ApplyResult, ComparedTable, Rehearsal } from '../rehearsal.ts'
import type { Moment } from './moment.ts'
import type { Wrapped } from './wrapped.ts'
import { latest } from './wrapped.ts'
import { writtenSettings } from './written-settings.ts'

/**
 * What happened in production in the words in which a rehearsal is judged, so that both are judged by the same rules. Nothing
 * was written and nobody restarted: what only test rows and restarts show is not in it.
 */
export function asRehearsal(wrapped: Wrapped): Rehearsal {
  const { before, primary, serving, applies, words, listening } = wrapped
  const now = latest(wrapped)
  return {
    primary,
    before: before.snapshot,
    changed: now.snapshot,
    after: now.snapshot,
    between: [],
    serving,
    starts: [],
    statements: [],
    results: writtenSettings(before.snapshot, now.snapshot, words),
    already: { canaries: [], applies: applies.filter((apply) => wasFailing(before, apply)) },
    canaries: [],
    applies,
    compared: newlyCompared(before.snapshot, now.snapshot, primary),
    uncopied: [],
    untested: 0,
    touched: new Set(),
    logins: { before: [], after: [] },
    rows: new Map(),
    extensions: new Map(),
    probes: [],
    prepared: [],
    real: now.snapshot.nodes,
    listening,
    notBuilt: [],
  }
}

const failing = new Set(['replication/subscription-errors', 'replication/subscription-down'])

/** By what was found before the command: it is not to blame for that. */
export const wasFailing = (
  { results }: Moment,
  { node, subscription }: Pick<ApplyResult, 'node' | 'subscription'>,
): boolean =>
  results.some(
    ({ check, found }) =>
      failing.has(check) && found.some((finding) => finding.subject === subject.subscription(node, subscription)),
  )

/** Carried tables that differ now and did not before. What is not carried cannot be the same, and is another rule's. */
function newlyCompared(before: Snapshot, after: Snapshot, primary: string): readonly ComparedTable[] {
  const old = new Set(differing(before).map(keyOf))
  return differing(after)
    .filter((one) => !old.has(keyOf(one)) && isCarried(after, primary, one))
    .map(({ schema, table, node, verdict, detail }) => ({ schema, table, node, verdict, detail }))
}

const differing = ({ facts: { touched } }: Snapshot): readonly TouchedFact[] =>
  touched.seen ? touched.value.filter(({ verdict }) => verdict === 'different' || verdict === 'absent') : []

const keyOf = ({ node, schema, table }: TouchedFact): string => JSON.stringify([node, schema, table])

function isCarried(snapshot: Snapshot, primary: string, { node, schema, table }: TouchedFact): boolean {
  if (snapshot.nodes.find(({ name }) => name === node)?.role === 'standby') return true
  const [publisher, subscriber] = [describedOf(snapshot, primary), describedOf(snapshot, node)]
  return (
    publisher !== null &&
    subscriber !== null &&
    carriage(publisher.publications, subscriber.subscriptions, schema, table).gap === null
  )
}

/** Errors of subscriptions, as each look has counted them. */
export function applyResultsOf(before: Snapshot, looks: readonly Snapshot[]): readonly ApplyResult[] {
  const counts = (snapshot: Snapshot): ReadonlyMap<string, readonly [string, string, number]> =>
    new Map(
      snapshot.nodes.flatMap(({ name, facts: { subscriptionStates: states } }) =>
        states.seen
          ? states.value.map((one) => {
              const errors = (one.applyErrors ?? 0) + (one.syncErrors ?? 0)
              return [JSON.stringify([name, one.name]), [name, one.name, errors]] as const
            })
          : [],
      ),
    )
  const [was, polls] = [counts(before), looks.map(counts)]
  return [...(polls.at(-1) ?? new Map())].map(([key, [node, subscription]]) => ({
    node,
    subscription,
    before: was.get(key)?.[2] ?? 0,
    polls: [was, ...polls].map((poll) => poll.get(key)?.[2] ?? 0),
    message: null,
    code: null,
    relation: null,
  }))
}
