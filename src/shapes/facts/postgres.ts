import { z } from 'zod'
import type { FactKey, PostgresFacts } from '../../core/facts/postgres/index.ts'
import { list } from '../scalar.ts'

const text = z.string()
const number = z.number()
const flag = z.boolean()
const maybe = <T extends z.ZodType>(shape: T) => shape.nullable()

const server = z.object({
  versionNum: number,
  database: text,
  systemId: text,
  startedMs: number,
  confLoadedMs: number,
  inRecovery: flag,
  nowMs: number,
})

const wal = z.object({ writeLsn: maybe(text), receiveLsn: maybe(text), replayLsn: maybe(text), replayPaused: flag })

const sender = z.object({
  pid: number,
  applicationName: text,
  state: text,
  sentLsn: maybe(text),
  replayLsn: maybe(text),
  slot: maybe(text),
})

const receiver = z.object({ status: text, slot: maybe(text), senderHost: maybe(text), senderPort: maybe(number) })

const slot = z.object({
  name: text,
  type: z.enum(['physical', 'logical']),
  active: flag,
  activePid: maybe(number),
  walStatus: maybe(text),
  restartLsn: maybe(text),
  confirmedFlushLsn: maybe(text),
  failover: flag,
  synced: flag,
})

const subscriptionState = z.object({
  name: text,
  enabled: flag,
  slot: maybe(text),
  workerPid: maybe(number),
  receivedLsn: maybe(text),
  applyErrors: maybe(number),
  syncErrors: maybe(number),
})

const sessions = z.object({
  total: number,
  active: number,
  waitingForLock: number,
  maxConnections: number,
  reserved: number,
})

const blocked = z.object({
  pid: number,
  role: maybe(text),
  waitMs: number,
  blockerPid: number,
  blockerRole: maybe(text),
  blockerState: maybe(text),
  blockerXactMs: maybe(number),
  relation: maybe(text),
})

const column = z.object({
  name: text,
  type: text,
  notNull: flag,
  default: maybe(text),
  generated: flag,
  identity: flag,
})

const table = z.object({
  oid: number,
  schema: text,
  name: text,
  kind: z.enum(['table', 'partitioned']),
  isPartition: flag,
  unlogged: flag,
  owner: text,
  columns: list(column),
  constraints: list(text),
  indexes: list(text),
  primaryKey: list(text),
  replicaIdentity: z.enum(['d', 'n', 'f', 'i']),
  rowsEstimated: number,
})

const publication = z.object({
  name: text,
  allTables: flag,
  schemas: list(text),
  publishes: z.object({ insert: flag, update: flag, delete: flag, truncate: flag }),
  tables: list(z.object({ schema: text, name: text, columns: maybe(list(text)), rowFilter: maybe(text) })),
  generatedColumns: flag.exactOptional(),
})

const subscription = z.object({
  name: text,
  enabled: flag,
  slot: maybe(text),
  publications: list(text),
  tables: list(z.object({ schema: text, name: text, state: text })),
})

/** What a PostgreSQL node can say, by key: a fact that is new in core does not compile here until it is readable. */
export const postgresFacts = {
  server,
  wal,
  senders: list(sender),
  receiver: list(receiver),
  replicationSlots: list(slot),
  subscriptionStates: list(subscriptionState),
  sessions,
  blocked: list(blocked),
  tick: z.object({ catalogWrites: maybe(number), catalogDigest: maybe(text) }),
  tables: list(table),
  publications: list(publication),
  subscriptions: list(subscription),
  settings: z.record(text, text).readonly(),
} satisfies { [K in FactKey]: z.ZodType<PostgresFacts[K]> }
