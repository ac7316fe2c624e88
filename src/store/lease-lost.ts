import { AntemortemError } from '../core/error.ts'
import type { Lease } from './store.ts'

/** What a released lease says of its holder: the row stays, because its epoch may only rise. */
export const nobody = ''

export const leaseLost = (lease: Lease, now: Lease | null): AntemortemError =>
  new AntemortemError(
    'lease-lost',
    `the lease ${lease.name} was lost${now && now.holder !== nobody ? `: ${now.holder} has taken it` : ''}; nothing more is written`,
    'This process stood still for too long, or two of them run: look at the other one before starting this again.',
    { exit: 4 },
  )
