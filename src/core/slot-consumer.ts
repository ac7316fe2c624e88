import type { PostgresFacts } from './facts/postgres/index.ts'
import type { SlotFact } from './facts/postgres/replication.ts'
import type { NodeRole } from './snapshot.ts'

interface Consumer {
  readonly name: string
  readonly role: NodeRole
  readonly upstream: string | null
  readonly wanted: Partial<Pick<PostgresFacts, 'settings' | 'subscriptionStates'>>
}

/** The configured node that reads through this slot of this holder, by its own settings; null where none of them does. */
export const consumerOf = <T extends Consumer>(slot: SlotFact, holder: string, nodes: readonly T[]): T | null =>
  nodes.find(
    ({ name, upstream, wanted }) =>
      name !== holder &&
      upstream === holder &&
      (slot.type === 'logical'
        ? wanted.subscriptionStates?.some((subscription) => subscription.slot === slot.name)
        : wanted.settings?.['primary_slot_name'] === slot.name),
  ) ?? null
