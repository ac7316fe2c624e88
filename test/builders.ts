/** Healthy defaults: a test states only what matters to it. */
import type { Check } from '../src/core/check.ts'
import type { Change } from '../src/core/change.ts'
import type { Case } from '../src/core/diagnosis.ts'
import type {
  CanaryFact,
  ClusterFacts,
  ContractFact,
  HostFact,
  LastGoodFact,
  LogEntryFact,
  LogsFact,
  OutcomesFact,
  SettingsFileFact,
  TouchedFact,
} from '../src/core/facts/cluster.ts'
import type { RoleFact } from '../src/core/facts/postgres/access.ts'
import type { DatabaseFact, LongTransactionFact } from '../src/core/facts/postgres/activity.ts'
import type { PostgresFacts } from '../src/core/facts/postgres/index.ts'
import type { PublicationFact, SubscriptionFact } from '../src/core/facts/postgres/publication.ts'
import type {
  ReceiverFact,
  SenderFact,
  SlotFact,
  SubscriptionStateFact,
} from '../src/core/facts/postgres/replication.ts'
import type { ColumnFact, TableFact } from '../src/core/facts/postgres/schema.ts'
import type { Finding } from '../src/core/finding.ts'
import { seen, unseen, type Observation } from '../src/core/observation.ts'
import type { NodeRole, NodeView, Snapshot } from '../src/core/snapshot.ts'
import { inspect, type Beside } from '../src/findings/inspect.ts'

/** The moment of every builder: a test adds to it. */
export const t0 = Date.parse('2026-03-05T09:04:00.000Z')

export const column = (name: string, type = 'text', more: Partial<ColumnFact> = {}): ColumnFact => ({
  name,
  type,
  notNull: false,
  default: null,
  generated: false,
  identity: false,
  ...more,
})

export const table = (name: string, more: Partial<TableFact> = {}): TableFact => ({
  oid: 16_384 + name.length,
  schema: 'public',
  name,
  kind: 'table',
  isPartition: false,
  unlogged: false,
  owner: 'app',
  columns: [column('id', 'integer', { notNull: true }), column('password_hash')],
  constraints: ['PRIMARY KEY (id)'],
  indexes: [`CREATE UNIQUE INDEX ${name}_pkey ON public.${name} USING btree (id)`],
  primaryKey: ['id'],
  replicaIdentity: 'd',
  rowsEstimated: 1000,
  files: { table: 16_384 + name.length, toast: null, indexes: { [`${name}_pkey`]: 16_484 + name.length } },
  ...more,
})

export const publication = (tables: readonly string[], more: Partial<PublicationFact> = {}): PublicationFact => ({
  name: 'pub',
  allTables: false,
  schemas: [],
  publishes: { insert: true, update: true, delete: true, truncate: true },
  tables: tables.map((name) => ({ schema: 'public', name, columns: null, rowFilter: null })),
  ...more,
})

export const subscription = (tables: readonly string[], more: Partial<SubscriptionFact> = {}): SubscriptionFact => ({
  name: 'sub',
  enabled: true,
  slot: 'sub',
  publications: ['pub'],
  tables: tables.map((name) => ({ schema: 'public', name, state: 'r' })),
  ...more,
})

export const subscriptionState = (more: Partial<SubscriptionStateFact> = {}): SubscriptionStateFact => ({
  name: 'sub',
  enabled: true,
  slot: 'sub',
  workerPid: 4711,
  receivedLsn: '0/3000000',
  applyErrors: 0,
  syncErrors: 0,
  ...more,
})

export const receiver = (more: Partial<ReceiverFact> = {}): ReceiverFact => ({
  status: 'streaming',
  slot: 'standby',
  senderHost: '127.0.0.1',
  senderPort: 5432,
  timeline: 1,
  clockAheadMs: 0,
  ...more,
})

export const sender = (applicationName: string, more: Partial<SenderFact> = {}): SenderFact => ({
  pid: 100 + applicationName.length,
  applicationName,
  state: 'streaming',
  sentLsn: '0/3000000',
  writeLsn: '0/3000000',
  flushLsn: '0/3000000',
  replayLsn: '0/3000000',
  slot: null,
  syncState: 'async',
  clientAddress: null,
  ...more,
})

export const slot = (name: string, more: Partial<SlotFact> = {}): SlotFact => ({
  name,
  type: 'physical',
  active: true,
  activePid: 4712,
  walStatus: 'reserved',
  restartLsn: '0/3000000',
  confirmedFlushLsn: null,
  failover: false,
  synced: false,
  temporary: false,
  safeWalBytes: null,
  inactiveSinceMs: null,
  invalidation: null,
  ...more,
})

export const database = (name: string, more: Partial<DatabaseFact> = {}): DatabaseFact => ({
  name,
  allowsConnections: true,
  connectionLimit: -1,
  backends: 6,
  commits: 1000,
  rollbacks: 1,
  deadlocks: 0,
  checksumFailures: 0,
  checksumLastFailureMs: null,
  conflicts: { tablespace: 0, lock: 0, snapshot: 0, bufferPin: 0, deadlock: 0, logicalSlot: 0 },
  xidAge: 1000,
  mxidAge: 0,
  ...more,
})

export const role = (name: string, more: Partial<RoleFact> = {}): RoleFact => ({
  name,
  canLogin: true,
  superuser: false,
  replication: false,
  connectionLimit: -1,
  validUntilMs: null,
  ...more,
})

/** Two lines of a server log of one kind, a moment ago. */
export const logEntry = (node: string, more: Partial<LogEntryFact> = {}): LogEntryFact => ({
  node,
  firstMs: t0 - 1000,
  lastMs: t0 - 200,
  count: 2,
  severity: 'ERROR',
  code: 'XX000',
  message: 'something went wrong',
  detail: null,
  context: null,
  role: 'app',
  database: 'auth',
  application: 'login-1',
  ...more,
})

export const host = (node: string, more: Partial<HostFact> = {}): HostFact => ({
  node,
  atMs: t0,
  postmaster: 'running',
  pid: 1234,
  port: 5432,
  disks: [{ what: 'data', path: '/var/lib/postgresql', totalBytes: 1e11, freeBytes: 5e10 }],
  cores: 2,
  cpuBusy: 0.1,
  configured: [],
  misconfigured: [],
  missingLibraries: [],
  accessRulesDigest: 'rules',
  unseen: [],
  ...more,
})

export const logs = (entries: readonly LogEntryFact[]): LogsFact => ({
  readable: ['primary', 'standby', 'subscriber'],
  blind: [],
  entries,
})

/** What was last known good a minute ago, by node; what is not given is not known of it. */
export const lastGood = (
  nodes: Readonly<Record<string, Partial<LastGoodFact['nodes'][number]>>>,
  more: Partial<LastGoodFact> = {},
): LastGoodFact => ({
  atMs: t0 - 60_000,
  by: 'accept',
  nodes: Object.entries(nodes).map(([name, good]) => ({
    node: name,
    settings: null,
    roleSettings: null,
    accessRulesDigest: null,
    systemId: null,
    ...good,
  })),
  ...more,
})

/** A client that has been in its transaction for a minute. */
export const transaction = (pid: number, more: Partial<LongTransactionFact> = {}): LongTransactionFact => ({
  pid,
  role: 'app',
  database: 'auth',
  application: 'login-1',
  backendType: 'client backend',
  state: 'active',
  xactMs: 60_000,
  stateMs: 60_000,
  waitEventType: null,
  waitEvent: null,
  xminAge: 10,
  ...more,
})

/** One instance's settings file, by key; a value that differs from what was last known good is given as [good, now]. */
export const settingsFile = (
  instance: string,
  keys: Readonly<Record<string, string | readonly [good: string | null, now: string]>>,
  more: Partial<SettingsFileFact> = {},
): SettingsFileFact => ({
  contract: 'login',
  instance,
  file: `/srv/${instance}.env`,
  atMs: t0,
  problem: null,
  keys: Object.entries(keys).map(([key, value]) => {
    const [lastGood, now] = typeof value === 'string' ? [value, value] : value
    return { key, value: now, isSecret: /PASSWORD/.test(key), lastGood }
  }),
  ...more,
})

const healthyFacts = (kind: NodeRole): PostgresFacts => ({
  server: {
    versionNum: 180_004,
    database: 'auth',
    systemId: kind === 'subscriber' ? '2' : '1',
    startedMs: t0 - 86_400_000,
    confLoadedMs: t0 - 86_400_000,
    inRecovery: kind === 'standby',
    nowMs: t0,
  },
  wal: {
    writeLsn: kind === 'standby' ? null : '0/3000000',
    receiveLsn: kind === 'standby' ? '0/3000000' : null,
    replayLsn: kind === 'standby' ? '0/3000000' : null,
    replayPaused: false,
    timeline: 1,
  },
  senders: kind === 'primary' ? [sender('standby')] : [],
  receiver: kind === 'standby' ? [receiver()] : [],
  replicationSlots:
    kind === 'primary' ? [slot('sub', { type: 'logical', confirmedFlushLsn: '0/3000000' }), slot('standby')] : [],
  subscriptionStates: kind === 'subscriber' ? [subscriptionState()] : [],
  sessions: { total: 6, active: 1, waitingForLock: 0, maxConnections: 100, reserved: 3 },
  blocked: [],
  tick: { catalogWrites: 1, catalogDigest: null },
  tables: [table('users')],
  publications: kind === 'subscriber' ? [] : [publication(['users'])],
  subscriptions: kind === 'subscriber' ? [subscription(['users'])] : [],
  settings: {},
  pendingRestart: [],
  activity: { long: [], use: [] },
  databases: [database('auth')],
  roles: [role('app'), role('antemortem'), role('replicator', { replication: true })],
  roleSettings: [],
  accessRules: { rules: [], digest: 'rules' },
  fileSettings: [],
  privileges: { role: 'antemortem', superuser: false, monitor: true, readAllData: false, writes: false },
  badIndexes: [],
  sequences: [],
  extensions: [{ name: 'plpgsql', version: '1.0' }],
  functions: [],
  triggers: [],
})

export const node = (name: string, role: NodeRole, facts: Partial<PostgresFacts> = {}, atMs = t0): NodeView => ({
  name,
  kind: 'postgres',
  role,
  upstream: role === 'primary' ? null : 'primary',
  facts: observed({ ...healthyFacts(role), ...facts }, atMs),
})

/** Each fact as seen at one moment: the shape of a node's view. */
const observed = (facts: PostgresFacts, atMs: number): NodeView['facts'] => ({
  server: seen(atMs, facts.server),
  wal: seen(atMs, facts.wal),
  senders: seen(atMs, facts.senders),
  receiver: seen(atMs, facts.receiver),
  replicationSlots: seen(atMs, facts.replicationSlots),
  subscriptionStates: seen(atMs, facts.subscriptionStates),
  sessions: seen(atMs, facts.sessions),
  blocked: seen(atMs, facts.blocked),
  tick: seen(atMs, facts.tick),
  tables: seen(atMs, facts.tables),
  publications: seen(atMs, facts.publications),
  subscriptions: seen(atMs, facts.subscriptions),
  settings: seen(atMs, facts.settings),
  pendingRestart: seen(atMs, facts.pendingRestart),
  activity: seen(atMs, facts.activity),
  databases: seen(atMs, facts.databases),
  roles: seen(atMs, facts.roles),
  roleSettings: seen(atMs, facts.roleSettings),
  accessRules: seen(atMs, facts.accessRules),
  fileSettings: seen(atMs, facts.fileSettings),
  privileges: seen(atMs, facts.privileges),
  badIndexes: seen(atMs, facts.badIndexes),
  sequences: seen(atMs, facts.sequences),
  extensions: seen(atMs, facts.extensions),
  functions: seen(atMs, facts.functions),
  triggers: seen(atMs, facts.triggers),
})

export interface Cluster {
  readonly primary?: Partial<PostgresFacts>
  readonly standby?: Partial<PostgresFacts>
  readonly subscriber?: Partial<PostgresFacts>
  readonly facts?: Partial<ClusterFacts>
  readonly atMs?: number
}

const none = unseen('not-configured', 'not configured', 'configure it')
const given = <T>(atMs: number, value: T | undefined, otherwise: Observation<T>): Observation<T> =>
  value === undefined ? otherwise : seen(atMs, value)

export const snapshot = ({ primary, standby, subscriber, facts = {}, atMs = t0 }: Cluster = {}): Snapshot => ({
  cluster: 'auth',
  atMs,
  nodes: [
    node('primary', 'primary', primary, atMs),
    node('standby', 'standby', standby, atMs),
    node('subscriber', 'subscriber', subscriber, atMs),
  ],
  facts: {
    contracts: given(atMs, facts.contracts, none),
    canaries: given(atMs, facts.canaries, none),
    outcomes: given(atMs, facts.outcomes, none),
    touched: seen(atMs, facts.touched ?? []),
    logs: given(atMs, facts.logs, none),
    hosts: given(atMs, facts.hosts, none),
    files: given(atMs, facts.files, none),
    lastGood: given(atMs, facts.lastGood, none),
    invariants: given(atMs, facts.invariants, none),
    paths: seen(
      atMs,
      facts.paths ??
        ['primary', 'standby', 'subscriber'].map((name) => ({
          from: 'here',
          node: name,
          atMs,
          ok: true,
          reached: true,
          ms: 1,
          detail: null,
        })),
    ),
  },
})

/** Five logins a second on each node for ten seconds; on the named nodes they fail with the code. */
export const outcomes = (failing: Readonly<Record<string, string>>, atMs = t0): OutcomesFact => ({
  seconds: Array.from({ length: 10 }, (_, i) => ({
    atMs: atMs - (10 - i) * 1000,
    cells: ['primary', 'standby', 'subscriber'].flatMap((name) =>
      ['app1', 'app2', 'app3'].map((instance) => ({ instance, node: name, code: failing[name] ?? 'ok', count: 2 })),
    ),
  })),
  baseline: 0,
})

export const touched = (name: string, more: Partial<TouchedFact> = {}): TouchedFact => ({
  schema: 'public',
  table: name,
  source: 'primary',
  node: 'subscriber',
  atMs: t0,
  verdict: 'different',
  detail: null,
  sourceRows: 1000,
  nodeRows: 0,
  times: 2,
  sinceMs: t0 - 1000,
  readBy: { roles: ['app'], sessions: 3, scans: 10 },
  ...more,
})

export const contract = (nodeName: string, more: Partial<ContractFact> = {}): ContractFact => ({
  contract: 'login',
  instance: 'app1',
  node: nodeName,
  from: 'here',
  role: 'app',
  atMs: t0,
  ok: true,
  layer: null,
  code: null,
  message: null,
  ms: 3,
  failures: 0,
  route: 'application',
  ...more,
})

export const contracts = (): readonly ContractFact[] =>
  ['primary', 'standby', 'subscriber'].map((name) => contract(name))

export const canary = (digests: readonly [string, string, string] = ['a', 'a', 'a']): CanaryFact => ({
  contract: 'login',
  atMs: t0,
  tables: ['users'],
  answers: ['primary', 'standby', 'subscriber'].map((name, i) => ({
    node: name,
    rows: 3,
    digest: digests[i] ?? 'a',
    fence: 'reached',
  })),
})

export const change = (object: string, more: Partial<Change> = {}): Change => ({
  id: `change-${object}`,
  atMs: t0 - 2000,
  notBeforeMs: t0 - 3000,
  kind: 'schema',
  object,
  before: null,
  after: 'created',
  source: 'fingerprint',
  ...more,
})

export const finding = (check: string, more: Partial<Finding> = {}): Finding => ({
  check,
  subject: 'subscriber',
  node: 'subscriber',
  severity: 'critical',
  sinceMs: t0 - 500,
  sustained: false,
  message: 'something is wrong',
  evidence: {},
  remedy: 'mend it',
  ...more,
})

export const caseOf = (more: Partial<Case> = {}): Case => ({
  cluster: 'auth',
  atMs: t0,
  window: { fromMs: t0 - 60_000, toMs: t0 },
  findings: [],
  changes: [],
  snapshot: snapshot(),
  earlier: null,
  lastGoodMs: t0 - 30_000,
  load: { nodes: [{ node: 'primary', active: 1, band: 2 }] },
  unansweredMs: { primary: 10, standby: 10, subscriber: 10 },
  ...more,
})

/** What a check finds in a snapshot, after earlier ones. */
export const findingsOf = (check: Check, now: Snapshot, ...history: readonly Snapshot[]): readonly Finding[] =>
  inspect([check], now, history).flatMap(({ found }) => found)

/** The same with what happened beside: changes, and nodes that do not answer. */
export const findingsBeside = (check: Check, now: Snapshot, beside: Beside): readonly Finding[] =>
  inspect([check], now, [], {}, beside).flatMap(({ found }) => found)
