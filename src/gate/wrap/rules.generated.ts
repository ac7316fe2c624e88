// Written by `npm run generate`; not to be edited.
import changeUndeclared from './rules/change/undeclared.ts'
import checkNewFinding from './rules/check/new-finding.ts'
import commandFails from './rules/command/fails.ts'
import commandLeavesProcesses from './rules/command/leaves-processes.ts'
import connectionContractFails from './rules/connection/contract-fails.ts'
import connectionReplicationLogin from './rules/connection/replication-login.ts'
import dataCanaryDiffers from './rules/data/canary-differs.ts'
import dataRowsLost from './rules/data/rows-lost.ts'
import integrityTableUnreadable from './rules/integrity/table-unreadable.ts'
import replicationConnectionRewritten from './rules/replication/connection-rewritten.ts'
import replicationStandbyTakesWrites from './rules/replication/standby-takes-writes.ts'
import replicationStillBehind from './rules/replication/still-behind.ts'
import replicationSubscriberWritten from './rules/replication/subscriber-written.ts'
import serverDoesNotAnswer from './rules/server/does-not-answer.ts'
import serverWaitsForRestart from './rules/server/waits-for-restart.ts'

export const wrapRules = [
  changeUndeclared,
  checkNewFinding,
  commandFails,
  commandLeavesProcesses,
  connectionContractFails,
  connectionReplicationLogin,
  dataCanaryDiffers,
  dataRowsLost,
  integrityTableUnreadable,
  replicationConnectionRewritten,
  replicationStandbyTakesWrites,
  replicationStillBehind,
  replicationSubscriberWritten,
  serverDoesNotAnswer,
  serverWaitsForRestart,
]
