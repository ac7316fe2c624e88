// Written by `npm run generate`; not to be edited.
import type { Cause } from '../core/diagnosis.ts'
import applicationError from './causes/application/error.ts'
import capacityDiskFull from './causes/capacity/disk-full.ts'
import capacityIdExhaustion from './causes/capacity/id-exhaustion.ts'
import capacityOverload from './causes/capacity/overload.ts'
import capacitySlotRetainsWal from './causes/capacity/slot-retains-wal.ts'
import capacityWraparound from './causes/capacity/wraparound.ts'
import connectionAccessRules from './causes/connection/access-rules.ts'
import connectionCredentials from './causes/connection/credentials.ts'
import connectionExhausted from './causes/connection/exhausted.ts'
import connectionRoleLimit from './causes/connection/role-limit.ts'
import connectionRoleSettings from './causes/connection/role-settings.ts'
import connectionSettingsChanged from './causes/connection/settings-changed.ts'
import connectionTls from './causes/connection/tls.ts'
import connectionWrongNode from './causes/connection/wrong-node.ts'
import contentionLock from './causes/contention/lock.ts'
import integrityDataDeleted from './causes/integrity/data-deleted.ts'
import integrityFileMissing from './causes/integrity/file-missing.ts'
import integrityIndexCorruption from './causes/integrity/index-corruption.ts'
import integritySequenceBehind from './causes/integrity/sequence-behind.ts'
import integrityTableCorruption from './causes/integrity/table-corruption.ts'
import networkLatency from './causes/network/latency.ts'
import networkPartition from './causes/network/partition.ts'
import replicationApplyConflict from './causes/replication/apply-conflict.ts'
import replicationDelayedApply from './causes/replication/delayed-apply.ts'
import replicationDivergence from './causes/replication/divergence.ts'
import replicationLagLoad from './causes/replication/lag-load.ts'
import replicationPublicationIncomplete from './causes/replication/publication-incomplete.ts'
import replicationReplayConflict from './causes/replication/replay-conflict.ts'
import replicationReplicaIdentity from './causes/replication/replica-identity.ts'
import replicationSchemaDrift from './causes/replication/schema-drift.ts'
import replicationSlotLost from './causes/replication/slot-lost.ts'
import replicationSlotMissing from './causes/replication/slot-missing.ts'
import replicationSplitBrain from './causes/replication/split-brain.ts'
import replicationStandbyDisconnected from './causes/replication/standby-disconnected.ts'
import replicationSubscriberDisconnected from './causes/replication/subscriber-disconnected.ts'
import replicationSubscriptionDisabled from './causes/replication/subscription-disabled.ts'
import replicationSyncStandbyMissing from './causes/replication/sync-standby-missing.ts'
import serverConfigPreventsStart from './causes/server/config-prevents-start.ts'
import serverCrash from './causes/server/crash.ts'
import serverPortChanged from './causes/server/port-changed.ts'
import serverStopped from './causes/server/stopped.ts'

export const causes: readonly Cause[] = [
  applicationError,
  capacityDiskFull,
  capacityIdExhaustion,
  capacityOverload,
  capacitySlotRetainsWal,
  capacityWraparound,
  connectionAccessRules,
  connectionCredentials,
  connectionExhausted,
  connectionRoleLimit,
  connectionRoleSettings,
  connectionSettingsChanged,
  connectionTls,
  connectionWrongNode,
  contentionLock,
  integrityDataDeleted,
  integrityFileMissing,
  integrityIndexCorruption,
  integritySequenceBehind,
  integrityTableCorruption,
  networkLatency,
  networkPartition,
  replicationApplyConflict,
  replicationDelayedApply,
  replicationDivergence,
  replicationLagLoad,
  replicationPublicationIncomplete,
  replicationReplayConflict,
  replicationReplicaIdentity,
  replicationSchemaDrift,
  replicationSlotLost,
  replicationSlotMissing,
  replicationSplitBrain,
  replicationStandbyDisconnected,
  replicationSubscriberDisconnected,
  replicationSubscriptionDisabled,
  replicationSyncStandbyMissing,
  serverConfigPreventsStart,
  serverCrash,
  serverPortChanged,
  serverStopped,
]
