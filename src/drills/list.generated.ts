// Written by `npm run generate`; not to be edited.
import type { Drill } from './scene.ts'
import _0AuthSchemaUpdate from './outages/0-auth-schema-update.ts'
import _0aMigrationDoneRight from './outages/0a-migration-done-right.ts'
import _0bApplicationBug from './outages/0b-application-bug.ts'
import _0cNeverReplicated from './outages/0c-never-replicated.ts'
import _0dSubscriptionDisabled from './outages/0d-subscription-disabled.ts'
import _0eLock from './outages/0e-lock.ts'
import _1LocalWrite from './outages/1-local-write.ts'
import _2ConnectionSettings from './outages/2-connection-settings.ts'
import _3DamagedTable from './outages/3-damaged-table.ts'
import _4NoStart from './outages/4-no-start.ts'
import d1Load from './outages/d1-load.ts'
import d10Partition from './outages/d10-partition.ts'
import d11PlannedRestart from './outages/d11-planned-restart.ts'
import d2SubscriptionDisabled from './outages/d2-subscription-disabled.ts'
import d3SlowPath from './outages/d3-slow-path.ts'
import d4QueryTimeout from './outages/d4-query-timeout.ts'
import d5Lock from './outages/d5-lock.ts'
import d6BusyAndWell from './outages/d6-busy-and-well.ts'
import d7MigrationDoneRight from './outages/d7-migration-done-right.ts'
import d8ApplicationBug from './outages/d8-application-bug.ts'
import d9Killed from './outages/d9-killed.ts'
import s0bColumnOnPrimary from './outages/s0b-column-on-primary.ts'
import s1bDelayedApply from './outages/s1b-delayed-apply.ts'
import s1cReplayConflict from './outages/s1c-replay-conflict.ts'
import s2dbDatabase from './outages/s2db-database.ts'
import s2poolPoolSize from './outages/s2pool-pool-size.ts'
import s2roWriteToStandby from './outages/s2ro-write-to-standby.ts'
import s2sslTls from './outages/s2ssl-tls.ts'
import s2userPassword from './outages/s2user-password.ts'
import s3bIndexFunction from './outages/s3b-index-function.ts'
import s4bWalLevel from './outages/s4b-wal-level.ts'

export const drills: readonly Drill[] = [
  _0AuthSchemaUpdate,
  _0aMigrationDoneRight,
  _0bApplicationBug,
  _0cNeverReplicated,
  _0dSubscriptionDisabled,
  _0eLock,
  _1LocalWrite,
  _2ConnectionSettings,
  _3DamagedTable,
  _4NoStart,
  d1Load,
  d10Partition,
  d11PlannedRestart,
  d2SubscriptionDisabled,
  d3SlowPath,
  d4QueryTimeout,
  d5Lock,
  d6BusyAndWell,
  d7MigrationDoneRight,
  d8ApplicationBug,
  d9Killed,
  s0bColumnOnPrimary,
  s1bDelayedApply,
  s1cReplayConflict,
  s2dbDatabase,
  s2poolPoolSize,
  s2roWriteToStandby,
  s2sslTls,
  s2userPassword,
  s3bIndexFunction,
  s4bWalLevel,
]
