import { authSchema, type AuthNames } from './auth-schema.ts'
import type { Blueprint, BlueprintNode } from './blueprint.ts'

const defaults: AuthNames = {
  database: 'auth',
  primary: 'primary',
  standby: 'standby',
  subscriber: 'reports',
  usersTable: 'users',
  publication: 'auth_pub',
  subscription: 'reports_sub',
  slot: 'reports_sub',
  standbySlot: 'standby_slot',
  app: 'app',
  watch: 'antemortem',
  replication: 'replicator',
}

export interface AuthOptions {
  readonly names?: Partial<AuthNames>
  /** By node name. */
  readonly ports?: Readonly<Record<string, number>>
  readonly users?: number
}

/**
 * The topology `auth`: a login database on a primary, a hot standby behind a physical slot, and one logical subscriber
 * whose slot is synchronised to the standby, so that it outlives a fail-over.
 */
export function authBlueprint(options: AuthOptions = {}): Blueprint {
  const names = { ...defaults, ...options.names }
  const tables = authSchema(names)
  const node = (name: string, rest: Omit<BlueprintNode, 'name'>): BlueprintNode => {
    const port = options.ports?.[name]
    return port === undefined ? { name, ...rest } : { name, port, ...rest }
  }
  return {
    name: 'auth',
    database: names.database,
    nodes: [
      node(names.primary, {
        role: 'primary',
        // Without it a subscriber could be ahead of the standby that takes over.
        settings: { synchronized_standby_slots: names.standbySlot },
        schema: tables.schema,
      }),
      node(names.standby, {
        role: 'standby',
        slot: names.standbySlot,
        // Both are what slot synchronisation demands of the standby.
        settings: { sync_replication_slots: 'on', hot_standby_feedback: 'on' },
      }),
      node(names.subscriber, {
        role: 'subscriber',
        schema: tables.schema,
        subscriptions: [
          { name: names.subscription, publications: [names.publication], slot: names.slot, failover: true },
        ],
      }),
    ],
    logins: { admin: 'postgres', watch: names.watch, app: names.app, replication: names.replication },
    roles: [
      { name: names.watch, attributes: 'login', after: [`grant pg_monitor to ${names.watch}`] },
      { name: names.app, attributes: 'login' },
      { name: names.replication, attributes: 'login replication' },
    ],
    data: tables.data(options.users ?? 1000),
    publications: [`create publication ${names.publication} for table ${tables.published.join(', ')}`],
  }
}
