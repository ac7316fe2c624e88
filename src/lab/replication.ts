import type { BlueprintSubscription } from './blueprint.ts'
import { conninfo } from './conf.ts'
import { identifier, literal, type Session } from './sql.ts'

/** How standbys and subscriptions reach the primary. */
export interface Upstream {
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

/** With a database, because slot synchronisation reads the primary's catalog over it. */
export const upstreamConninfo = (upstream: Upstream): string =>
  conninfo({
    host: '127.0.0.1',
    port: upstream.port,
    user: upstream.user,
    password: upstream.password,
    dbname: upstream.database,
  })

export function createSubscription(subscription: BlueprintSubscription, upstream: Upstream, major: number): string {
  const options = {
    slot_name: identifier(subscription.slot),
    ...(major >= 17 && subscription.failover ? { failover: 'true' } : {}),
    ...subscription.options,
  }
  const spelt = Object.entries(options).map(([name, value]) => `${name} = ${value}`)
  return `create subscription ${identifier(subscription.name)}
    connection ${literal(upstreamConninfo(upstream))}
    publication ${subscription.publications.map(identifier).join(', ')}
    with (${spelt.join(', ')})`
}

/** When the first copy is made: of what its owner may not do, the changes that follow tell. */
export const ownedBy = ({ name, owner }: BlueprintSubscription): readonly string[] =>
  owner === undefined ? [] : [`alter subscription ${identifier(name)} owner to ${identifier(owner)}`]

/** A template's subscriptions sleep: at another port than their own they must not even try. */
export async function wakeSubscriptions(
  session: Session,
  subscriptions: readonly BlueprintSubscription[],
  upstream: Upstream,
): Promise<void> {
  for (const { name } of subscriptions)
    await session.each([
      `alter subscription ${identifier(name)} connection ${literal(upstreamConninfo(upstream))}`,
      `alter subscription ${identifier(name)} enable`,
    ])
}
