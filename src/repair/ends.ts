import type { Refusal, Step } from '../core/plan.ts'
import { withActor, type Actor } from '../engines/postgres/act/actor.ts'
import { hasRows } from '../engines/postgres/act/carry-table.ts'
import {
  isConnected,
  lookAtPublisher,
  lookAtSubscriber,
  publishedTables,
  tableExists,
  type SubscriberLook,
} from '../engines/postgres/act/look.ts'
import type { StepContext } from '../plans/doer.ts'
import type { PublishTable } from './plan.ts'
import type { Reach } from './reach.ts'
import { inputOf } from './step-input.ts'
import { notConnected, rowsInTheWay, whyNotPublish, whyNotSubscribe, wouldFail, type Diagnosed } from './why-not.ts'

/** The two ends of one step. Each is asked in sessions of its own, one after the other. */
export interface Ends {
  readonly what: PublishTable & Diagnosed
  readonly publisher: <T>(work: (actor: Actor) => Promise<T>) => Promise<T>
  readonly subscriber: <T>(work: (actor: Actor) => Promise<T>) => Promise<T>
}

export function endsOf(step: Step, { signal }: StepContext, act: Reach['act']): Ends {
  const what = inputOf(step)
  const options = { signal, deadlineMs: step.deadlineMs, about: `${what.schema}.${what.table}` }
  const on = async <T>(node: string, work: (actor: Actor) => Promise<T>): Promise<T> =>
    withActor(node, act(node), options, work)
  return {
    what,
    publisher: async (work) => on(what.publisher, work),
    subscriber: async (work) => on(what.subscriber, work),
  }
}

export const lookToPublish = async ({ what, publisher }: Ends): Promise<Refusal | null> =>
  publisher(async (actor) => whyNotPublish(what, await lookAtPublisher(actor, what), what))

export interface Subscribing {
  readonly look: SubscriberLook
  readonly refused: Refusal | null
}

export async function lookToSubscribe({ what, subscriber }: Ends): Promise<Subscribing> {
  const look = await subscriber(async (actor) => lookAtSubscriber(actor, what))
  return { look, refused: whyNotSubscribe(what, look, what) }
}

export const lookForRows = async ({ what, subscriber }: Ends): Promise<Refusal | null> =>
  (await subscriber(async (actor) => hasRows(actor, what))) ? rowsInTheWay(what) : null

/** Why a refresh would be refused, or would do more than this plan says. */
export async function lookToRefresh(
  { what, publisher, subscriber }: Ends,
  { look, refused }: Subscribing,
): Promise<Refusal | null> {
  const slot = look.subscription?.slot
  if (refused || !look.subscription || typeof slot !== 'string') return refused
  const { carries, publications } = look.subscription
  const published = await publisher(async (actor) =>
    (await isConnected(actor, slot)) ? publishedTables(actor, publications) : null,
  )
  if (!published) return notConnected(what, slot)
  const known = new Set([...carries, [what.schema, what.table]].map(keyOf))
  const others = published.filter((table) => !known.has(keyOf(table)))
  return others.length === 0 ? null : subscriber(async (actor) => whyNotAsWell(actor, what, others))
}

const keyOf = (names: readonly string[]): string => JSON.stringify(names)

/** A refresh takes in every table that the publications list: where one has rows, its first copy fails or doubles them. */
async function whyNotAsWell(
  actor: Actor,
  what: PublishTable,
  others: readonly (readonly [string, string])[],
): Promise<Refusal | null> {
  for (const [schema, table] of others) {
    if (!(await tableExists(actor, schema, table))) return wouldFail(what, { schema, table })
    if (await hasRows(actor, { schema, table })) return rowsInTheWay(what, { schema, table })
  }
  return null
}
