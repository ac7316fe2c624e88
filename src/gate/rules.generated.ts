// Written by `npm run generate`; not to be edited.
import connectionLoginFails from './rules/connection/login-fails.ts'
import connectionRightsLost from './rules/connection/rights-lost.ts'
import connectionSessionDefaults from './rules/connection/session-defaults.ts'
import connectionTooFewSessions from './rules/connection/too-few-sessions.ts'
import replicationApplyStops from './rules/replication/apply-stops.ts'
import replicationCanaryMissing from './rules/replication/canary-missing.ts'
import replicationCanaryRefused from './rules/replication/canary-refused.ts'
import replicationRowsDiffer from './rules/replication/rows-differ.ts'
import replicationSchemaParity from './rules/replication/schema-parity.ts'
import replicationStreamStops from './rules/replication/stream-stops.ts'
import replicationTableNotCarried from './rules/replication/table-not-carried.ts'
import schemaLosesData from './rules/schema/loses-data.ts'
import schemaStatementFails from './rules/schema/statement-fails.ts'
import serverDoesNotStart from './rules/server/does-not-start.ts'
import serverRefusesWrites from './rules/server/refuses-writes.ts'

export const rules = [
  connectionLoginFails,
  connectionRightsLost,
  connectionSessionDefaults,
  connectionTooFewSessions,
  replicationApplyStops,
  replicationCanaryMissing,
  replicationCanaryRefused,
  replicationRowsDiffer,
  replicationSchemaParity,
  replicationStreamStops,
  replicationTableNotCarried,
  schemaLosesData,
  schemaStatementFails,
  serverDoesNotStart,
  serverRefusesWrites,
]
