// Written by `npm run generate`; not to be edited.
import type { ReviewRule } from './rule.ts'
import accessConnectionLimit from './rules/access/connection-limit.ts'
import accessDatabaseRenamed from './rules/access/database-renamed.ts'
import accessLoginShutOut from './rules/access/login-shut-out.ts'
import accessLoginWithdrawn from './rules/access/login-withdrawn.ts'
import accessPasswordChanged from './rules/access/password-changed.ts'
import accessRulesUnreadable from './rules/access/rules-unreadable.ts'
import applicationExtensionMissing from './rules/application/extension-missing.ts'
import applicationKeyTypeChanged from './rules/application/key-type-changed.ts'
import applicationPoolMode from './rules/application/pool-mode.ts'
import applicationPrivilegeRevoked from './rules/application/privilege-revoked.ts'
import applicationRefusedInTransaction from './rules/application/refused-in-transaction.ts'
import applicationRowsHidden from './rules/application/rows-hidden.ts'
import applicationSettingsLeadElsewhere from './rules/application/settings-lead-elsewhere.ts'
import applicationStandbyRefuses from './rules/application/standby-refuses.ts'
import capacityAutovacuumOff from './rules/capacity/autovacuum-off.ts'
import configurationArchiveFails from './rules/configuration/archive-fails.ts'
import configurationCommitsWait from './rules/configuration/commits-wait.ts'
import configurationDurabilityOff from './rules/configuration/durability-off.ts'
import configurationHotStandbyOff from './rules/configuration/hot-standby-off.ts'
import configurationPreloadLibrary from './rules/configuration/preload-library.ts'
import configurationReplayCancels from './rules/configuration/replay-cancels.ts'
import configurationServerMoves from './rules/configuration/server-moves.ts'
import configurationSessionDefault from './rules/configuration/session-default.ts'
import configurationSlotLosesWal from './rules/configuration/slot-loses-wal.ts'
import configurationStandbyFirst from './rules/configuration/standby-first.ts'
import configurationStandbySource from './rules/configuration/standby-source.ts'
import configurationTlsWithoutFiles from './rules/configuration/tls-without-files.ts'
import configurationTooFew from './rules/configuration/too-few.ts'
import configurationTooMuchMemory from './rules/configuration/too-much-memory.ts'
import configurationUnreadableSetting from './rules/configuration/unreadable-setting.ts'
import configurationWalLevel from './rules/configuration/wal-level.ts'
import dataLosesData from './rules/data/loses-data.ts'
import dataNarrowerType from './rules/data/narrower-type.ts'
import dataRowsRefuse from './rules/data/rows-refuse.ts'
import locksPreparedTransaction from './rules/locks/prepared-transaction.ts'
import locksTableRewritten from './rules/locks/table-rewritten.ts'
import locksWritersWait from './rules/locks/writers-wait.ts'
import replicationColumnNotOnSubscriber from './rules/replication/column-not-on-subscriber.ts'
import replicationDatabaseNotCarried from './rules/replication/database-not-carried.ts'
import replicationEnumValue from './rules/replication/enum-value.ts'
import replicationIdentityLost from './rules/replication/identity-lost.ts'
import replicationPublicationNarrowed from './rules/replication/publication-narrowed.ts'
import replicationRenamedOnPublisher from './rules/replication/renamed-on-publisher.ts'
import replicationReplayHeld from './rules/replication/replay-held.ts'
import replicationSlotDropped from './rules/replication/slot-dropped.ts'
import replicationSlotUnused from './rules/replication/slot-unused.ts'
import replicationStandbyPromoted from './rules/replication/standby-promoted.ts'
import replicationStricterSubscriber from './rules/replication/stricter-subscriber.ts'
import replicationSubscriberRewritesRows from './rules/replication/subscriber-rewrites-rows.ts'
import replicationSubscriberWritten from './rules/replication/subscriber-written.ts'
import replicationSubscriptionElsewhere from './rules/replication/subscription-elsewhere.ts'
import replicationSubscriptionStopped from './rules/replication/subscription-stopped.ts'
import replicationTableNotOnSubscriber from './rules/replication/table-not-on-subscriber.ts'
import replicationTableUnpublished from './rules/replication/table-unpublished.ts'
import replicationTruncateRefused from './rules/replication/truncate-refused.ts'
import replicationTypeDiffers from './rules/replication/type-differs.ts'
import replicationUnloggedTable from './rules/replication/unlogged-table.ts'
import serverTablespaceMissing from './rules/server/tablespace-missing.ts'

export const reviewRules: readonly ReviewRule[] = [
  accessConnectionLimit,
  accessDatabaseRenamed,
  accessLoginShutOut,
  accessLoginWithdrawn,
  accessPasswordChanged,
  accessRulesUnreadable,
  applicationExtensionMissing,
  applicationKeyTypeChanged,
  applicationPoolMode,
  applicationPrivilegeRevoked,
  applicationRefusedInTransaction,
  applicationRowsHidden,
  applicationSettingsLeadElsewhere,
  applicationStandbyRefuses,
  capacityAutovacuumOff,
  configurationArchiveFails,
  configurationCommitsWait,
  configurationDurabilityOff,
  configurationHotStandbyOff,
  configurationPreloadLibrary,
  configurationReplayCancels,
  configurationServerMoves,
  configurationSessionDefault,
  configurationSlotLosesWal,
  configurationStandbyFirst,
  configurationStandbySource,
  configurationTlsWithoutFiles,
  configurationTooFew,
  configurationTooMuchMemory,
  configurationUnreadableSetting,
  configurationWalLevel,
  dataLosesData,
  dataNarrowerType,
  dataRowsRefuse,
  locksPreparedTransaction,
  locksTableRewritten,
  locksWritersWait,
  replicationColumnNotOnSubscriber,
  replicationDatabaseNotCarried,
  replicationEnumValue,
  replicationIdentityLost,
  replicationPublicationNarrowed,
  replicationRenamedOnPublisher,
  replicationReplayHeld,
  replicationSlotDropped,
  replicationSlotUnused,
  replicationStandbyPromoted,
  replicationStricterSubscriber,
  replicationSubscriberRewritesRows,
  replicationSubscriberWritten,
  replicationSubscriptionElsewhere,
  replicationSubscriptionStopped,
  replicationTableNotOnSubscriber,
  replicationTableUnpublished,
  replicationTruncateRefused,
  replicationTypeDiffers,
  replicationUnloggedTable,
  serverTablespaceMissing,
]
