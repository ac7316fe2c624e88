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

/** A key that an older program did not write: its healthy nothing. */
const later = <T extends z.ZodType>(shape: T, otherwise: z.output<T>) =>
  shape.default(otherwise as z.util.NoUndefined<z.output<T>>)

const wal = z.object({
  writeLsn: maybe(text),
  receiveLsn: maybe(text),
  replayLsn: maybe(text),
  replayPaused: flag,
  timeline: later(maybe(number), null),
})

const sender = z.object({
  pid: number,
  applicationName: text,
  state: text,
  sentLsn: maybe(text),
  replayLsn: maybe(text),
  slot: maybe(text),
  writeLsn: later(maybe(text), null),
  flushLsn: later(maybe(text), null),
  syncState: later(text, 'async'),
  clientAddress: later(maybe(text), null),
})

const receiver = z.object({
  status: text,
  slot: maybe(text),
  senderHost: maybe(text),
  senderPort: maybe(number),
  timeline: later(maybe(number), null),
  clockAheadMs: later(maybe(number), null),
})

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
  temporary: later(flag, false),
  safeWalBytes: later(maybe(number), null),
  inactiveSinceMs: later(maybe(number), null),
  invalidation: later(maybe(text), null),
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
  files: z.object({ table: number, toast: number.nullable(), indexes: z.record(z.string(), number) }).exactOptional(),
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

const longTransaction = z.object({
  pid: number,
  role: maybe(text),
  database: maybe(text),
  application: text,
  backendType: text,
  state: maybe(text),
  xactMs: number,
  stateMs: number,
  waitEventType: maybe(text),
  waitEvent: maybe(text),
  xminAge: maybe(number),
})

const sessionUse = z.object({
  role: maybe(text),
  database: maybe(text),
  application: text,
  total: number,
  active: number,
  idle: number,
  idleInTransaction: number,
})

const database = z.object({
  name: text,
  allowsConnections: flag,
  connectionLimit: number,
  backends: number,
  commits: number,
  rollbacks: number,
  deadlocks: number,
  checksumFailures: maybe(number),
  checksumLastFailureMs: maybe(number),
  conflicts: z.object({
    tablespace: number,
    lock: number,
    snapshot: number,
    bufferPin: number,
    deadlock: number,
    logicalSlot: number,
  }),
  xidAge: number,
  mxidAge: number,
})

const role = z.object({
  name: text,
  canLogin: flag,
  superuser: flag,
  replication: flag,
  connectionLimit: number,
  validUntilMs: maybe(number),
})

const roleSetting = z.object({ role: maybe(text), database: maybe(text), name: text, value: text })

const accessRule = z.object({
  line: number,
  file: maybe(text),
  type: maybe(text),
  databases: list(text),
  roles: list(text),
  address: maybe(text),
  method: maybe(text),
  error: maybe(text),
})

const fileSetting = z.object({
  file: text,
  line: number,
  name: maybe(text),
  value: maybe(text),
  applied: flag,
  error: maybe(text),
})

const sequence = z.object({
  schema: text,
  name: text,
  lastValue: maybe(text),
  increment: number,
  maxValue: text,
  column: maybe(z.object({ schema: text, table: text, name: text })),
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
  pendingRestart: list(text),
  activity: z.object({ long: list(longTransaction), use: list(sessionUse) }),
  databases: list(database),
  roles: list(role),
  roleSettings: list(roleSetting),
  accessRules: z.object({ rules: list(accessRule), digest: text }),
  fileSettings: list(fileSetting),
  privileges: z.object({ role: text, superuser: flag, monitor: flag, readAllData: flag, writes: flag }),
  badIndexes: list(z.object({ schema: text, table: text, name: text, isUnique: flag, isBuilding: flag })),
  sequences: list(sequence),
  extensions: list(z.object({ name: text, version: text })),
  functions: list(
    z.object({
      schema: text,
      name: text,
      arguments: text,
      volatility: z.enum(['immutable', 'stable', 'volatile']),
      digest: text,
      indexes: list(text),
    }),
  ),
  triggers: list(
    z.object({ schema: text, table: text, name: text, enabled: z.enum(['O', 'D', 'R', 'A']), digest: text }),
  ),
} satisfies { [K in FactKey]: z.ZodType<PostgresFacts[K]> }
