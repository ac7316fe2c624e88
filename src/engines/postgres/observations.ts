import { accessRules } from './observe/access-rules.ts'
import { activity } from './observe/activity.ts'
import { badIndexes } from './observe/bad-indexes.ts'
import { blocked } from './observe/blocked.ts'
import { databases } from './observe/databases.ts'
import { extensions } from './observe/extensions.ts'
import { fileSettings } from './observe/file-settings.ts'
import { functions } from './observe/functions.ts'
import { pendingRestart } from './observe/pending-restart.ts'
import { privileges } from './observe/privileges.ts'
import { publications } from './observe/publications.ts'
import { receiver } from './observe/receiver.ts'
import { replicationSlots } from './observe/replication-slots.ts'
import { roleSettings } from './observe/role-settings.ts'
import { roles } from './observe/roles.ts'
import { senders } from './observe/senders.ts'
import { sequences } from './observe/sequences.ts'
import { server } from './observe/server.ts'
import { sessions } from './observe/sessions.ts'
import { settings } from './observe/settings.ts'
import { subscriptionStates } from './observe/subscription-states.ts'
import { subscriptions } from './observe/subscriptions.ts'
import { tables } from './observe/tables.ts'
import { tick, tickWithDigest } from './observe/tick.ts'
import { triggers } from './observe/triggers.ts'
import { wal } from './observe/wal.ts'
import type { Reader } from './reader.ts'

/** Part of every fast sample. */
export const fastReaders: readonly Reader[] = [
  server,
  wal,
  senders,
  receiver,
  replicationSlots,
  subscriptionStates,
  sessions,
  activity,
  databases,
  tick,
]

export const fastReadersWithDigest: readonly Reader[] = fastReaders.map((reader) =>
  reader.key === 'tick' ? tickWithDigest : reader,
)

/** Asked after a fast sample, and only while a session waits for a lock. */
export const blockedReader: Reader = blocked

/** Part of the slow sample too. */
export const databasesReader: Reader = databases

export const slowReaders: readonly Reader[] = [
  tables,
  publications,
  subscriptions,
  settings,
  pendingRestart,
  roles,
  roleSettings,
  accessRules,
  fileSettings,
  privileges,
  badIndexes,
  sequences,
  extensions,
  functions,
  triggers,
]

/** One reader for every fact that a node can tell. */
export const allReaders: readonly Reader[] = [...fastReaders, blocked, ...slowReaders]
