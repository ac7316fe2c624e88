import type { Refusal } from '../core/plan.ts'
import type { PublisherLook, SubscriberLook } from '../engines/postgres/act/look.ts'
import { shown, shownTable } from './names.ts'
import { serverText, type PublishTable } from './plan.ts'
import { noIdentity } from './refusals.ts'

/** What a plan needs to know of the two ends beside the names: which servers were diagnosed; null where nobody saw. */
export interface Diagnosed {
  readonly publisherServer: string | null
  readonly subscriberServer: string | null
}

interface End {
  readonly systemId: string
  readonly database: string
  readonly isInRecovery: boolean
  readonly table: { readonly isOrdinary: boolean } | null
}

const refusal = (id: string, node: string, why: string, evidence: Refusal['evidence'] = {}): Refusal => ({
  id,
  why: `${node}: ${why}`,
  evidence: { node, ...evidence },
})

/** An acting address may lead elsewhere than the reading one, and a table may have gone since. */
function whyNotEnd(node: string, end: End, expected: string | null, what: PublishTable): Refusal | null {
  const reached = serverText(end)
  if (expected !== null && reached !== expected)
    return refusal('other-server', node, `its act address leads to another server or database than its url`, {
      reached,
      expected,
    })
  if (end.isInRecovery) return refusal('read-only', node, 'it is a standby now: nothing can be changed there')
  if (end.table === null) return refusal('table-gone', node, `there is no table ${shownTable(what)}`)
  if (!end.table.isOrdinary)
    return refusal(
      'table-not-ordinary',
      node,
      `${shownTable(what)} is partitioned, unlogged or no table: do it by hand`,
    )
  return null
}

/** Why the table must not be added to the publication now. */
export function whyNotPublish(what: PublishTable, look: PublisherLook, { publisherServer }: Diagnosed): Refusal | null {
  const node = what.publisher
  const name = `publication ${shown(what.publication)}`
  const end = whyNotEnd(node, look, publisherServer, what)
  if (end) return end
  const { publication, table } = look
  if (!publication) return refusal('publication-unknown', node, `there is no ${name}`)
  if (publication.isListed) return refusal('already-published', node, `${name} lists ${shownTable(what)} already`)
  if (publication.allTables) return refusal('publishes-all', node, `${name} is for all tables: none can be added`)
  if (!publication.isWhole) return refusal('publishes-part', node, `${name} does not carry every operation`)
  if (!publication.isOwned) return refusal('not-owner', node, `the acting role does not own ${name}`)
  if (table && !table.isOwned) return refusal('not-owner', node, `the acting role does not own ${shownTable(what)}`)
  if (table && !table.hasIdentity) return noIdentity(what, { node })
  return null
}

/** Why the subscription must not be refreshed now. */
export function whyNotSubscribe(
  what: PublishTable,
  look: SubscriberLook,
  { subscriberServer }: Diagnosed,
): Refusal | null {
  const node = what.subscriber
  const name = `subscription ${shown(what.subscription)}`
  const end = whyNotEnd(node, look, subscriberServer, what)
  if (end) return end
  const { subscription } = look
  if (!subscription) return refusal('subscription-unknown', node, `there is no ${name} in this database`)
  if (!subscription.isOwned) return refusal('not-owner', node, `the acting role does not own ${name}`)
  if (!subscription.isEnabled) return refusal('subscription-disabled', node, `${name} is disabled: enable it first`)
  if (!subscription.publications.includes(what.publication))
    return refusal('not-subscribed', node, `${name} does not name publication ${shown(what.publication)}`)
  if (subscription.slot === null) return refusal('not-connected', node, `${name} has no slot`)
  return null
}

export const notConnected = (what: PublishTable, slot: string): Refusal =>
  refusal(
    'not-connected',
    what.publisher,
    `nobody reads from slot ${slot}: ${what.subscriber} does not reach it, or follows another server`,
    { slot },
  )

export const alreadySubscribed = (what: PublishTable, state: string): Refusal =>
  refusal('already-subscribed', what.subscriber, `subscription ${shown(what.subscription)} knows the table already`, {
    srsubstate: state,
  })

export const rowsInTheWay = (what: PublishTable, table: Pick<PublishTable, 'schema' | 'table'> = what): Refusal =>
  refusal(
    'rows-in-the-way',
    what.subscriber,
    table === what
      ? `${shownTable(table)} is not empty: the first copy would fail on its rows, or double them`
      : `the refresh would copy ${shownTable(table)} as well, which is not empty there`,
  )

export const wouldFail = (what: PublishTable, table: Pick<PublishTable, 'schema' | 'table'>): Refusal =>
  refusal(
    'table-gone',
    what.subscriber,
    `the publications list ${shownTable(table)}, which is not there: the refresh would be refused`,
  )
