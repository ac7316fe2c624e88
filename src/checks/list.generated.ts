// Written by `npm run generate`; not to be edited.
import type { Check } from '../core/check.ts'
import applicationOutcomes from './application/outcomes.ts'
import capacityLocksBlocking from './capacity/locks-blocking.ts'
import connectionsContract from './connections/contract.ts'
import connectionsReachable from './connections/reachable.ts'
import replicationLagTime from './replication/lag-time.ts'
import replicationRowConsistency from './replication/row-consistency.ts'
import replicationSchemaParity from './replication/schema-parity.ts'
import replicationStandbyConnected from './replication/standby-connected.ts'
import replicationSubscriptionDown from './replication/subscription-down.ts'
import replicationSubscriptionErrors from './replication/subscription-errors.ts'
import replicationSubscriptionTableNotReady from './replication/subscription-table-not-ready.ts'
import replicationTableNotPublished from './replication/table-not-published.ts'

export const checks: readonly Check[] = [
  applicationOutcomes,
  capacityLocksBlocking,
  connectionsContract,
  connectionsReachable,
  replicationLagTime,
  replicationRowConsistency,
  replicationSchemaParity,
  replicationStandbyConnected,
  replicationSubscriptionDown,
  replicationSubscriptionErrors,
  replicationSubscriptionTableNotReady,
  replicationTableNotPublished,
]
