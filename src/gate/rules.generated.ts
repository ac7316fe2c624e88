// Written by `npm run generate`; not to be edited.
import connectionAccessRules from './rules/connection/access-rules.ts'
import connectionDatabaseClosed from './rules/connection/database-closed.ts'
import connectionLoginFails from './rules/connection/login-fails.ts'
import connectionOtherTable from './rules/connection/other-table.ts'
import connectionRightsLost from './rules/connection/rights-lost.ts'
import connectionSessionDefaults from './rules/connection/session-defaults.ts'
import connectionTooFewSessions from './rules/connection/too-few-sessions.ts'
import replicationApplyStops from './rules/replication/apply-stops.ts'
import replicationCanaryMissing from './rules/replication/canary-missing.ts'
import replicationCanaryRefused from './rules/replication/canary-refused.ts'
import replicationCopyRefused from './rules/replication/copy-refused.ts'
import replicationNotOnStandby from './rules/replication/not-on-standby.ts'
import replicationPublicationShrinks from './rules/replication/publication-shrinks.ts'
import replicationRowsDiffer from './rules/replication/rows-differ.ts'
import replicationSchemaParity from './rules/replication/schema-parity.ts'
import replicationSlotDropped from './rules/replication/slot-dropped.ts'
import replicationStreamStops from './rules/replication/stream-stops.ts'
import replicationSubscriptionStops from './rules/replication/subscription-stops.ts'
import replicationTableNotCarried from './rules/replication/table-not-carried.ts'
import replicationWritesOnSubscriber from './rules/replication/writes-on-subscriber.ts'
import schemaHoldsLock from './rules/schema/holds-lock.ts'
import schemaLosesData from './rules/schema/loses-data.ts'
import schemaPreparedLeft from './rules/schema/prepared-left.ts'
import schemaRowsRefuse from './rules/schema/rows-refuse.ts'
import schemaStatementFails from './rules/schema/statement-fails.ts'
import schemaTypeChanges from './rules/schema/type-changes.ts'
import serverAddressMoves from './rules/server/address-moves.ts'
import serverDoesNotStart from './rules/server/does-not-start.ts'
import serverRefusesWrites from './rules/server/refuses-writes.ts'
import serverSettingHarms from './rules/server/setting-harms.ts'

export const rules = [
  connectionAccessRules,
  connectionDatabaseClosed,
  connectionLoginFails,
  connectionOtherTable,
  connectionRightsLost,
  connectionSessionDefaults,
  connectionTooFewSessions,
  replicationApplyStops,
  replicationCanaryMissing,
  replicationCanaryRefused,
  replicationCopyRefused,
  replicationNotOnStandby,
  replicationPublicationShrinks,
  replicationRowsDiffer,
  replicationSchemaParity,
  replicationSlotDropped,
  replicationStreamStops,
  replicationSubscriptionStops,
  replicationTableNotCarried,
  replicationWritesOnSubscriber,
  schemaHoldsLock,
  schemaLosesData,
  schemaPreparedLeft,
  schemaRowsRefuse,
  schemaStatementFails,
  schemaTypeChanges,
  serverAddressMoves,
  serverDoesNotStart,
  serverRefusesWrites,
  serverSettingHarms,
]
