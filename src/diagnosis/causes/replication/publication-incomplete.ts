import { carriage, carryingOrders, type Carriage, type Gap } from '../../../core/carriage.ts'
import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import type { CanaryFact, TouchedFact } from '../../../core/facts/cluster.ts'
import { subject } from '../../../core/subject.ts'
import { findingsOf, rowEffects } from '../../effects.ts'
import { hasOutcomes, rowHarm } from '../../harm.ts'
import { canariesOf, factOf, logicalPairs, touchedOf, type LogicalPair } from '../../look.ts'
import { aboutCarriage, newsOf } from '../../news.ts'
import { readersOf } from '../../readers.ts'

/**
 * The publication (or the subscription's own list) lacks a table, row, column or operation that the application reads on the
 * subscriber. Every replication view stays green. A table that nobody reads there was never meant to be carried: it is no cause.
 */
const cause: Cause = {
  id: 'replication/publication-incomplete',
  taxonomy: 'replication-misconfigured',
  title: 'a table that the application reads on a subscriber is not carried there',
  follows: [],
  *recognise(c) {
    for (const pair of logicalPairs(c)) {
      const publications = factOf(pair.publisher, 'publications')
      const subscriptions = factOf(pair.subscriber, 'subscriptions')
      if (!publications || !subscriptions || subscriptions.length === 0) continue
      for (const touched of touchedOf(c)) {
        if (touched.node !== pair.subscriber.name || touched.source !== pair.publisher.name) continue
        if (touched.verdict !== 'different' || touched.times < 2) continue
        const carried = carriage(publications, subscriptions, touched.schema, touched.table)
        if (carried.gap === null || carried.gap === 'not-ready') continue
        yield matchOf(c, pair, touched, { ...carried, gap: carried.gap })
      }
    }
  },
}
export default cause

type Lacking = Carriage & { readonly gap: Gap }

function matchOf(c: Case, pair: LogicalPair, touched: TouchedFact, carried: Lacking): Match {
  const node = pair.subscriber.name
  const publisher = pair.publisher.name
  const publication = carried.publications[0] ?? '(none)'
  const name = `${touched.schema}.${touched.table}`
  const objects = [
    subject.publicationTable(publisher, publication, touched.schema, touched.table),
    subject.table(publisher, touched.schema, touched.table),
    subject.publication(publisher, publication),
    subject.subscription(node, carried.subscription ?? ''),
    subject.table(node, touched.schema, touched.table),
  ]
  const isTrigger = aboutCarriage(carried.gap, name)
  const rows: Evidence = {
    words: `${name} has ${touched.nodeRows ?? '?'} rows on ${node} and ${touched.sourceRows ?? '?'} on ${publisher}, compared ${touched.times} times behind a fence`,
    node,
    source: 'touched-table comparison',
    values: { source_rows: touched.sourceRows, node_rows: touched.nodeRows, times: touched.times },
  }
  const reads = readsOf(c, touched)
  return {
    subject: subject.publicationTable(publisher, publication, touched.schema, touched.table),
    direct: [
      {
        words: carried.detail,
        node: publisher,
        source: 'pg_publication_tables, pg_subscription_rel',
        values: { gap: carried.gap, publication, subscription: carried.subscription },
      },
    ],
    indirect: [rows],
    harm: reads.length > 0 ? [...reads, rows, ...rowHarm(c, node)] : [],
    isNew: newsOf(c, objects, isTrigger).length > 0 || contradictsCanary(c, touched),
    explains: [
      ...(reads.length > 0 ? rowEffects(c, node) : findingsOf(c, 'replication/row-consistency', node)),
      ...findingsOf(c, 'replication/table-not-published', node),
    ],
    objects,
    isTrigger,
    ...(reads.length === 0 && {
      missing: `nobody was seen to read ${name} on ${node}: does the application need it there?`,
    }),
    remedy: remedyOf(carried, publication, publisher, node, touched),
  }
}

/**
 * Is the table meant to be there? Only where the contract's own login reads it on that node or the canary names it, and the
 * application, where it reports outcomes, does fail there: a report of somebody else's may read what is not carried on purpose.
 */
function readsOf(c: Case, touched: TouchedFact): readonly Evidence[] {
  const failing = rowHarm(c, touched.node)
  if (failing.length === 0 && hasOutcomes(c, touched.node)) return []
  const readers = readersOf(c, touched)
  if (readers.length > 0) return readers
  return namedByCanary(c, touched)
    ? [
        {
          words: `the contract's canary reads ${touched.schema}.${touched.table} on ${touched.node}`,
          node: touched.node,
          source: 'contract',
          values: {},
        },
      ]
    : []
}

const namedByCanary = (c: Case, touched: TouchedFact): boolean => canariesNaming(c, touched).length > 0

const canariesNaming = (c: Case, touched: TouchedFact): readonly CanaryFact[] =>
  canariesOf(c).filter(
    (canary) =>
      canary.answers.some(({ node }) => node === touched.node) &&
      canary.tables.some((table) => table === touched.table || table === `${touched.schema}.${touched.table}`),
  )

/** It should be answered alike on both nodes, says the contract, and is not: that needs no news. */
function contradictsCanary(c: Case, touched: TouchedFact): boolean {
  return canariesNaming(c, touched).some(({ answers }) => {
    const [here, there] = [touched.node, touched.source].map((name) => answers.find(({ node }) => node === name))
    return here !== undefined && there !== undefined && here.digest !== there.digest
  })
}

function remedyOf(
  carried: Carriage,
  publication: string,
  publisher: string,
  node: string,
  touched: TouchedFact,
): Match['remedy'] {
  const { schema, table } = touched
  const { words, commands } = carryingOrders(carried, { publisher, subscriber: node, schema, table })
  const orders = { words, commands: [...commands, `antemortem verify --table ${schema}.${table}`] }
  const isNewThere = (carried.gap === 'not-in-publication' || carried.gap === 'not-refreshed') && !carried.subscribed
  // A plan only for what the first copy mends alone: where rows are in the way or the list is stale, a person decides.
  if (!isNewThere || carried.publications.length === 0) return orders
  const subscription = carried.subscription ?? ''
  return {
    ...orders,
    plan: {
      kind: 'publish-table',
      facts: { publication, subscription, publisher, subscriber: node, schema, table, gap: carried.gap },
    },
  }
}
