import { blocked } from './observe/blocked.ts'
import { publications } from './observe/publications.ts'
import { receiver } from './observe/receiver.ts'
import { replicationSlots } from './observe/replication-slots.ts'
import { senders } from './observe/senders.ts'
import { server } from './observe/server.ts'
import { sessions } from './observe/sessions.ts'
import { settings } from './observe/settings.ts'
import { subscriptions } from './observe/subscriptions.ts'
import { subscriptionStates } from './observe/subscription-states.ts'
import { tables } from './observe/tables.ts'
import { tick, tickWithDigest } from './observe/tick.ts'
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
  tick,
]

export const fastReadersWithDigest: readonly Reader[] = fastReaders.map((reader) =>
  reader.key === 'tick' ? tickWithDigest : reader,
)

/** Asked after a fast sample, and only while a session waits for a lock. */
export const blockedReader: Reader = blocked

export const slowReaders: readonly Reader[] = [tables, publications, subscriptions, settings]

/** One reader for every fact that a node can tell. */
export const allReaders: readonly Reader[] = [...fastReaders, blocked, ...slowReaders]
