import type { Case } from '../core/diagnosis.ts'
import type { TouchedFact } from '../core/facts/cluster.ts'
import type { SlotFact } from '../core/facts/postgres/replication.ts'
import type { NodeView } from '../core/snapshot.ts'
import { sqlName } from '../core/sql-text.ts'
import { factOf, follows } from './look.ts'

/** Slots and who reads through them: a standby by its setting, a subscription by its own. */
export interface Consumer {
  readonly node: NodeView
  readonly slot: string
  readonly kind: SlotFact['type']
  /** null: a standby. */
  readonly subscription: string | null
}

export function consumersOf(c: Case, holder: NodeView): readonly Consumer[] {
  return c.snapshot.nodes
    .filter(({ upstream, name }) => upstream === holder.name && name !== holder.name)
    .flatMap((node): readonly Consumer[] => {
      const physical = factOf(node, 'settings')?.['primary_slot_name'] ?? ''
      if (node.role === 'standby')
        return physical === '' ? [] : [{ node, slot: physical, kind: 'physical', subscription: null }]
      return (factOf(node, 'subscriptionStates') ?? []).flatMap(({ name, slot, enabled }) =>
        slot === null || !enabled || !isOf(holder, node, name)
          ? []
          : [{ node, slot, kind: 'logical' as const, subscription: name }],
      )
    })
}

/** Its publications are there: a subscription may follow a server that is none of ours. */
function isOf(holder: NodeView, node: NodeView, subscription: string): boolean {
  const published = new Set(factOf(holder, 'publications')?.map(({ name }) => name))
  const wanted = factOf(node, 'subscriptions')?.find(({ name }) => name === subscription)?.publications
  return wanted === undefined || wanted.some((name) => published.has(name))
}

/** The tables that come through this slot. */
export const comesThrough =
  (holder: NodeView, { node, subscription }: Consumer) =>
  (touched: TouchedFact): boolean =>
    subscription === null ? true : follows({ publisher: holder, subscriber: node }, subscription)(touched)

/** Findings on a consumer that gets no WAL. */
export const consumerChecks = [
  'replication/standby-connected',
  'replication/subscription-down',
  'replication/subscription-errors',
  'replication/lag-time',
  'replication/lag-bytes',
  'replication/no-standby',
  'replication/sync-standby-missing',
]

/** A subscription from the beginning: a new slot sends nothing of what was written before it was made. */
export function subscribeAnew({ node, subscription }: Consumer): readonly string[] {
  const name = sqlName(subscription ?? '')
  const known = factOf(node, 'subscriptions')?.find((one) => one.name === subscription)
  const tables = (known?.tables ?? []).map((table) => `${sqlName(table.schema)}.${sqlName(table.name)}`)
  return [
    `on ${node.name}: alter subscription ${name} disable; alter subscription ${name} set (slot_name = none); drop subscription ${name};`,
    ...(tables.length === 0 ? [] : [`on ${node.name}: truncate ${tables.join(', ')};`]),
    `on ${node.name}: create subscription ${name} connection '…' publication ${(known?.publications ?? []).map(sqlName).join(', ')};`,
  ]
}

/**
 * Subscribers that get nothing while this physical slot stands still: since 17 their walsenders wait for the standbys of
 * `synchronized_standby_slots`.
 */
export const heldBack = (c: Case, holder: NodeView, slot: string): readonly NodeView[] =>
  (factOf(holder, 'settings')?.['synchronized_standby_slots'] ?? '').split(/,\s*/).includes(slot)
    ? c.snapshot.nodes.filter(({ role, upstream }) => role === 'subscriber' && upstream === holder.name)
    : []
