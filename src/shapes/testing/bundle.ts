import type { Bundle, Diagnosis } from '../../core/diagnosis.ts'
import type { Finding } from '../../core/finding.ts'
import { seen, unseen } from '../../core/observation.ts'
import type { NodeView } from '../../core/snapshot.ts'

const atMs = Date.UTC(2024, 2, 5, 9, 4)
const notAsked = unseen('not-configured', 'not asked', 'ask for it')

/** A primary that was seen, and on which nothing is wrong. */
export const nodeOf = (name = 'primary'): NodeView => ({
  name,
  kind: 'postgres',
  role: 'primary',
  upstream: null,
  facts: {
    server: seen(atMs, {
      versionNum: 180004,
      database: 'auth',
      systemId: '7300000000000000001',
      startedMs: 0,
      confLoadedMs: 0,
      inRecovery: false,
      nowMs: atMs,
    }),
    wal: seen(atMs, { writeLsn: '0/3000060', receiveLsn: null, replayLsn: null, replayPaused: false, timeline: 1 }),
    senders: seen(atMs, []),
    receiver: seen(atMs, []),
    replicationSlots: seen(atMs, []),
    subscriptionStates: seen(atMs, []),
    sessions: seen(atMs, { total: 3, active: 1, waitingForLock: 0, maxConnections: 100, reserved: 3 }),
    blocked: seen(atMs, []),
    tick: seen(atMs, { catalogWrites: 7, catalogDigest: null }),
    tables: seen(atMs, []),
    publications: seen(atMs, []),
    subscriptions: seen(atMs, []),
    settings: seen(atMs, { wal_level: 'logical' }),
    pendingRestart: notAsked,
    activity: notAsked,
    databases: notAsked,
    roles: notAsked,
    roleSettings: notAsked,
    accessRules: notAsked,
    fileSettings: notAsked,
    privileges: notAsked,
    badIndexes: notAsked,
    sequences: notAsked,
    extensions: notAsked,
    functions: notAsked,
    triggers: notAsked,
  },
})

export const findingOf = (over: Partial<Finding> = {}): Finding => ({
  check: 'replication/lag-time',
  subject: 'standby',
  severity: 'error',
  sinceMs: atMs,
  sustained: true,
  message: 'standby is 40 s behind',
  evidence: { lag_ms: 40_000 },
  remedy: 'Look at its replay.',
  ...over,
})

export const diagnosisOf = (): Diagnosis => ({
  atMs,
  cluster: 'auth',
  verdict: 'healthy',
  causes: [],
  effects: [],
  amplifiers: [],
  suspects: [{ id: 'network', verdict: 'ruled-out', measured: 2, limit: 250, unit: 'ms', why: 'the worst path' }],
  unexplained: [],
  changes: [],
})

export const bundleOf = (): Bundle => ({
  format: 1,
  program: '0.1.0',
  catalogue: 'sha256:0',
  case: {
    cluster: 'auth',
    atMs,
    window: { fromMs: atMs - 60_000, toMs: atMs },
    findings: [findingOf()],
    changes: [],
    snapshot: {
      cluster: 'auth',
      atMs,
      nodes: [nodeOf()],
      facts: {
        contracts: notAsked,
        canaries: notAsked,
        outcomes: notAsked,
        touched: notAsked,
        paths: notAsked,
        logs: notAsked,
        hosts: notAsked,
        files: notAsked,
        lastGood: notAsked,
        invariants: notAsked,
      },
    },
    earlier: null,
    lastGoodMs: null,
    load: { nodes: [{ node: 'primary', active: 1, band: null }] },
    unansweredMs: { primary: 0 },
  },
})
