import type { NodeView } from '../../core/snapshot.ts'
import type { Login } from './input.ts'

/**
 * The logins by which standbys and subscriptions come back. Views do not say as which role they stream: where one role alone
 * may replicate and is no superuser, it is that one.
 */
export const replicationLogins = (nodes: readonly NodeView[]): readonly Login[] =>
  nodes.flatMap((node) => {
    const { senders, roles, replicationSlots, server, settings } = node.facts
    if (!senders.seen || !roles.seen) return []
    const able = roles.value.filter(({ replication, canLogin, superuser }) => replication && canLogin && !superuser)
    const [only, ...more] = able
    if (only === undefined || more.length > 0) return []
    return senders.value.map((sender): Login => {
      const slot = replicationSlots.seen ? replicationSlots.value.find(({ name }) => name === sender.slot) : undefined
      const isLogical = slot?.type === 'logical'
      return {
        who: `${isLogical ? 'subscription' : 'standby'} ${sender.applicationName}`,
        role: only.name,
        database: isLogical && server.seen ? server.value.database : 'replication',
        address: sender.clientAddress,
        tls: settings.seen && settings.value['ssl'] === 'off' ? false : null,
        node: node.name,
      }
    })
  })
