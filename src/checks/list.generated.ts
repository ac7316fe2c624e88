// Written by `npm run generate`; not to be edited.
import type { Check } from '../core/check.ts'
import applicationOutcomes from './application/outcomes.ts'
import availabilityCandidateExists from './availability/candidate-exists.ts'
import availabilityNoWritablePrimary from './availability/no-writable-primary.ts'
import availabilityPrimaryDeadVsUnreachable from './availability/primary-dead-vs-unreachable.ts'
import availabilitySplitBrain from './availability/split-brain.ts'
import capacityLocksBlocking from './capacity/locks-blocking.ts'
import capacityLongTransaction from './capacity/long-transaction.ts'
import capacityXidWraparound from './capacity/xid-wraparound.ts'
import configurationChangedSinceLkg from './configuration/changed-since-lkg.ts'
import configurationClockSkew from './configuration/clock-skew.ts'
import configurationDangerousDurability from './configuration/dangerous-durability.ts'
import configurationFileError from './configuration/file-error.ts'
import configurationMonitorPrivilege from './configuration/monitor-privilege.ts'
import configurationNodeDrift from './configuration/node-drift.ts'
import configurationPendingRestart from './configuration/pending-restart.ts'
import configurationPreloadLibraryMissing from './configuration/preload-library-missing.ts'
import configurationRestarted from './configuration/restarted.ts'
import configurationStandbyCapacityParams from './configuration/standby-capacity-params.ts'
import configurationWouldNotStart from './configuration/would-not-start.ts'
import connectionsAuth from './connections/auth.ts'
import connectionsContract from './connections/contract.ts'
import connectionsHbaError from './connections/hba-error.ts'
import connectionsHbaNotLive from './connections/hba-not-live.ts'
import connectionsIdleInTransaction from './connections/idle-in-transaction.ts'
import connectionsParameterDrift from './connections/parameter-drift.ts'
import connectionsReachable from './connections/reachable.ts'
import connectionsRoleDbSettings from './connections/role-db-settings.ts'
import connectionsRoleLimit from './connections/role-limit.ts'
import connectionsSaturation from './connections/saturation.ts'
import errorsCorruptionSignature from './errors/corruption-signature.ts'
import errorsLostObservation from './errors/lost-observation.ts'
import errorsNewAfterChange from './errors/new-after-change.ts'
import errorsPanicOrCrash from './errors/panic-or-crash.ts'
import integrityChecksumFailures from './integrity/checksum-failures.ts'
import integrityChecksumsOff from './integrity/checksums-off.ts'
import integrityInvalidIndex from './integrity/invalid-index.ts'
import replicationDelayedStandby from './replication/delayed-standby.ts'
import replicationLagBytes from './replication/lag-bytes.ts'
import replicationLagTime from './replication/lag-time.ts'
import replicationNoStandby from './replication/no-standby.ts'
import replicationReplayPaused from './replication/replay-paused.ts'
import replicationReplicaIdentity from './replication/replica-identity.ts'
import replicationRowConsistency from './replication/row-consistency.ts'
import replicationSchemaParity from './replication/schema-parity.ts'
import replicationSequenceBehind from './replication/sequence-behind.ts'
import replicationSlotInactive from './replication/slot-inactive.ts'
import replicationSlotLost from './replication/slot-lost.ts'
import replicationSlotMissing from './replication/slot-missing.ts'
import replicationStandbyConflicts from './replication/standby-conflicts.ts'
import replicationStandbyConnected from './replication/standby-connected.ts'
import replicationSubscriptionDown from './replication/subscription-down.ts'
import replicationSubscriptionErrors from './replication/subscription-errors.ts'
import replicationSubscriptionTableNotReady from './replication/subscription-table-not-ready.ts'
import replicationSyncStandbyMissing from './replication/sync-standby-missing.ts'
import replicationSystemIdMismatch from './replication/system-id-mismatch.ts'
import replicationTableNotPublished from './replication/table-not-published.ts'
import replicationTimelineDiverged from './replication/timeline-diverged.ts'
import replicationUpstreamCascadeLag from './replication/upstream-cascade-lag.ts'

export const checks: readonly Check[] = [
  applicationOutcomes,
  availabilityCandidateExists,
  availabilityNoWritablePrimary,
  availabilityPrimaryDeadVsUnreachable,
  availabilitySplitBrain,
  capacityLocksBlocking,
  capacityLongTransaction,
  capacityXidWraparound,
  configurationChangedSinceLkg,
  configurationClockSkew,
  configurationDangerousDurability,
  configurationFileError,
  configurationMonitorPrivilege,
  configurationNodeDrift,
  configurationPendingRestart,
  configurationPreloadLibraryMissing,
  configurationRestarted,
  configurationStandbyCapacityParams,
  configurationWouldNotStart,
  connectionsAuth,
  connectionsContract,
  connectionsHbaError,
  connectionsHbaNotLive,
  connectionsIdleInTransaction,
  connectionsParameterDrift,
  connectionsReachable,
  connectionsRoleDbSettings,
  connectionsRoleLimit,
  connectionsSaturation,
  errorsCorruptionSignature,
  errorsLostObservation,
  errorsNewAfterChange,
  errorsPanicOrCrash,
  integrityChecksumFailures,
  integrityChecksumsOff,
  integrityInvalidIndex,
  replicationDelayedStandby,
  replicationLagBytes,
  replicationLagTime,
  replicationNoStandby,
  replicationReplayPaused,
  replicationReplicaIdentity,
  replicationRowConsistency,
  replicationSchemaParity,
  replicationSequenceBehind,
  replicationSlotInactive,
  replicationSlotLost,
  replicationSlotMissing,
  replicationStandbyConflicts,
  replicationStandbyConnected,
  replicationSubscriptionDown,
  replicationSubscriptionErrors,
  replicationSubscriptionTableNotReady,
  replicationSyncStandbyMissing,
  replicationSystemIdMismatch,
  replicationTableNotPublished,
  replicationTimelineDiverged,
  replicationUpstreamCascadeLag,
]
