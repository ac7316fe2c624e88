import type { Told } from './replay.ts'

/** What the watch should say of a state, and nothing else. */
export interface Expected {
  readonly words: string
  /** How long it has gone on when it is judged. */
  readonly laterMs: number
  /** `severity check subject`, beside what is always told. */
  readonly found: readonly string[]
  /** Of what is always told, what is not told here. */
  readonly without?: readonly string[]
  /** `verdict cause subject`, in the order of the diagnosis. */
  readonly causes: readonly string[]
  /** Somebody is woken. */
  readonly incident: boolean
  /** Of `found`, what is told for a while after it was mended, or until somebody accepts it. */
  readonly stays?: readonly string[]
}

const seconds = (n: number): number => n * 1000
const minutes = (n: number): number => n * 60_000
const quiet = { found: [], causes: [], incident: false } as const

/** What is true of every lab: it is gone with its machine, and its subscriber has never taken a write of its own. */
export const always: readonly string[] = [
  'error configuration/dangerous-durability primary:fsync',
  'error configuration/dangerous-durability reports:fsync',
  'error configuration/dangerous-durability standby:fsync',
  'info replication/sequence-behind reports:public.orders_id_seq',
]

const table = {
  'healthy-idle': { words: 'nobody has written for an hour', laterMs: minutes(60), ...quiet },
  'healthy-load': { words: 'clients read and write on every node', laterMs: 0, ...quiet },
  'standby-delayed-by-design': {
    words: 'a standby is as late as it was meant to be',
    laterMs: seconds(50),
    found: ['error availability/candidate-exists primary', 'info replication/delayed-standby standby'],
    causes: ['possible replication/delayed-apply standby:recovery_min_apply_delay'],
    incident: false,
  },
  'base-backup-runs': { words: 'somebody takes a base backup', laterMs: minutes(10), ...quiet },
  'standby-restarted': {
    words: 'the standby was restarted in good order',
    laterMs: seconds(10),
    found: ['warning configuration/restarted standby'],
    causes: [],
    incident: false,
  },
  'statistics-reset': { words: 'all counters begin anew', laterMs: seconds(20), ...quiet },
  'consumer-away-for-a-minute': { words: 'the consumer of a slot is restarted', laterMs: seconds(60), ...quiet },
  'dump-for-forty-minutes': { words: 'a dump is in one transaction for long', laterMs: minutes(40), ...quiet },
  'slot-never-used': { words: 'somebody made a slot without reserving WAL', laterMs: minutes(60), ...quiet },
  'one-server-under-two-names': {
    words: 'two nodes of the configuration are one server',
    laterMs: minutes(2),
    ...quiet,
  },
  'switched-over': {
    words: 'primary and standby have changed places in good order',
    laterMs: seconds(60),
    found: [
      'info configuration/changed-since-lkg primary:primary_conninfo',
      'info configuration/changed-since-lkg primary:primary_slot_name',
      'info configuration/restarted primary',
      'warning configuration/changed-since-lkg primary:hot_standby_feedback',
      'warning configuration/changed-since-lkg primary:sync_replication_slots',
      'warning configuration/changed-since-lkg primary:synchronized_standby_slots',
      'warning configuration/changed-since-lkg standby:synchronized_standby_slots',
    ],
    causes: [],
    incident: false,
  },
  'replay-paused': {
    words: 'somebody paused replay',
    laterMs: seconds(70),
    found: [
      'error availability/candidate-exists primary',
      'error replication/lag-time standby',
      'error replication/replay-paused standby',
      'warning replication/lag-bytes standby',
    ],
    causes: ['possible replication/delayed-apply standby'],
    incident: false,
  },
  'apply-delay-set': {
    words: 'somebody delayed a standby that was not meant to be late',
    laterMs: seconds(70),
    found: [
      'error availability/candidate-exists primary',
      'info replication/delayed-standby standby',
      'warning configuration/changed-since-lkg standby:recovery_min_apply_delay',
    ],
    causes: ['possible replication/delayed-apply standby:recovery_min_apply_delay'],
    incident: false,
  },
  'standby-cut-off': {
    words: 'a standby asks for WAL where nobody listens',
    laterMs: seconds(40),
    found: [
      'error availability/candidate-exists primary',
      'error replication/lag-time standby',
      'error replication/standby-connected standby',
      'warning errors/new-after-change standby',
    ],
    causes: ['possible replication/standby-disconnected standby'],
    incident: false,
    stays: ['warning errors/new-after-change standby'],
  },
  'standby-stopped': {
    words: 'the only standby does not run',
    laterMs: seconds(70),
    found: [
      'critical connections/contract contract login:login→standby',
      'critical connections/reachable here→standby',
      'error errors/lost-observation standby',
      'error replication/no-standby primary',
    ],
    causes: ['confirmed server/stopped standby'],
    incident: true,
  },
  'standby-slot-dropped': {
    words: 'a standby asks for a slot that was dropped',
    laterMs: seconds(40),
    found: [
      'error availability/candidate-exists primary',
      'error replication/lag-time standby',
      'error replication/slot-missing standby',
      'error replication/standby-connected standby',
      'warning configuration/restarted standby',
      'warning errors/new-after-change primary',
      'warning errors/new-after-change standby',
    ],
    causes: [
      'possible replication/slot-missing primary:slot standby_slot',
      'possible replication/standby-disconnected standby',
    ],
    incident: false,
    stays: [
      'warning configuration/restarted standby',
      'warning errors/new-after-change primary',
      'warning errors/new-after-change standby',
    ],
  },
  'slot-lost': {
    words: "a subscriber's slot has lost its WAL",
    laterMs: seconds(20),
    found: [
      'critical replication/slot-lost primary:slot reports_sub',
      'error replication/subscription-down reports:subscription reports_sub',
      'warning configuration/changed-since-lkg primary:max_slot_wal_keep_size',
      'warning configuration/node-drift standby:max_slot_wal_keep_size',
      'warning errors/new-after-change primary',
      'warning errors/new-after-change reports',
      'warning replication/slot-lost standby:slot reports_sub',
    ],
    causes: [
      'possible replication/slot-lost primary:slot reports_sub',
      'possible replication/slot-lost standby:slot reports_sub',
    ],
    incident: true,
    stays: [
      'warning configuration/changed-since-lkg primary:max_slot_wal_keep_size',
      'warning configuration/node-drift standby:max_slot_wal_keep_size',
      'warning errors/new-after-change primary',
      'warning errors/new-after-change reports',
      'warning replication/slot-lost standby:slot reports_sub',
    ],
  },
  'slot-unread': {
    words: 'nobody has read a slot for a quarter of an hour',
    laterMs: minutes(15),
    found: ['warning replication/slot-inactive primary:slot search_index'],
    causes: [],
    incident: false,
  },
  'standby-promoted': {
    words: 'a standby was promoted beside a primary that lives',
    laterMs: seconds(20),
    found: ['critical availability/split-brain primary', 'error replication/timeline-diverged primary'],
    causes: ['possible replication/split-brain standby'],
    incident: true,
  },
  'commits-wait': {
    words: 'commits wait for a synchronous standby that does not exist',
    laterMs: seconds(20),
    found: [
      'critical replication/sync-standby-missing primary',
      'warning configuration/changed-since-lkg primary:synchronous_standby_names',
    ],
    causes: ['confirmed replication/sync-standby-missing primary:synchronous_standby_names'],
    incident: true,
  },
  'primary-has-more-room': {
    words: 'max_connections was raised on the primary alone',
    laterMs: seconds(70),
    found: [
      'error availability/candidate-exists primary',
      'error configuration/changed-since-lkg primary:max_connections',
      'error configuration/standby-capacity-params standby:max_connections',
      'error replication/lag-time standby',
      'error replication/replay-paused standby',
      'warning configuration/restarted primary',
    ],
    causes: ['possible replication/delayed-apply standby:max_connections'],
    incident: false,
    stays: ['error configuration/changed-since-lkg primary:max_connections', 'warning configuration/restarted primary'],
  },
  'subscription-disabled': {
    words: 'somebody disabled a subscription',
    laterMs: seconds(20),
    found: ['error replication/subscription-down reports:subscription reports_sub'],
    causes: ['confirmed replication/subscription-disabled reports:subscription reports_sub'],
    incident: false,
  },
  'apply-conflict': {
    words: 'a row of the subscriber stands in the way of one of the publisher',
    laterMs: seconds(20),
    found: [
      'error replication/subscription-down reports:subscription reports_sub',
      'error replication/subscription-errors reports:subscription reports_sub',
    ],
    causes: ['possible replication/apply-conflict reports:subscription reports_sub'],
    incident: false,
  },
  'column-missing-on-subscriber': {
    words: 'a migration reached the publisher alone',
    laterMs: seconds(70),
    found: [
      'error replication/schema-parity reports:public.users',
      'error replication/subscription-down reports:subscription reports_sub',
      'error replication/subscription-errors reports:subscription reports_sub',
      'warning errors/new-after-change reports',
    ],
    causes: ['possible replication/schema-drift reports:public.users'],
    incident: false,
    stays: ['warning errors/new-after-change reports'],
  },
  'table-not-published': {
    words: 'a new table is in no publication',
    laterMs: seconds(20),
    found: ['warning replication/table-not-published primary:publication auth_pub:public.logins'],
    causes: [],
    incident: false,
  },
  'replica-identity-missing': {
    words: 'a table without a key was published',
    laterMs: seconds(20),
    found: ['error replication/replica-identity primary:public.logins', 'warning errors/new-after-change primary'],
    causes: ['confirmed replication/replica-identity primary:public.logins'],
    incident: false,
    stays: ['warning errors/new-after-change primary'],
  },
  'sequence-behind': {
    words: 'a sequence of the subscriber is behind that of its publisher',
    laterMs: seconds(20),
    found: ['warning replication/sequence-behind reports:public.orders_id_seq'],
    without: ['info replication/sequence-behind reports:public.orders_id_seq'],
    causes: [],
    incident: false,
  },
  'rows-deleted-on-subscriber': {
    words: 'rows are missing on the subscriber alone',
    laterMs: seconds(20),
    found: ['critical replication/row-consistency reports:public.sessions'],
    causes: ['possible replication/divergence reports:public.sessions'],
    incident: true,
  },
  'restart-pending': {
    words: 'a setting has waited for a restart for two hours',
    laterMs: minutes(120),
    found: ['warning configuration/pending-restart primary:shared_buffers'],
    causes: [],
    incident: false,
  },
  'setting-not-taken': {
    words: 'the server refuses a line of its configuration',
    laterMs: seconds(20),
    found: ['error configuration/file-error primary:work_mem', 'error configuration/would-not-start primary'],
    causes: [],
    incident: false,
  },
  'access-rule-mistyped': {
    words: 'a line of pg_hba.conf is refused, and with it the file',
    laterMs: seconds(20),
    found: [
      'error configuration/changed-since-lkg primary:pg_hba.conf',
      'error connections/hba-error primary:pg_hba.conf',
    ],
    causes: ['possible connection/access-rules primary:pg_hba.conf'],
    incident: false,
  },
  'access-rule-not-loaded': {
    words: 'a line of pg_hba.conf waits for a reload',
    laterMs: minutes(15),
    found: [
      'error configuration/changed-since-lkg primary:pg_hba.conf',
      'warning connections/hba-not-live primary:pg_hba.conf',
    ],
    causes: ['possible connection/access-rules primary:pg_hba.conf'],
    incident: false,
    stays: ['error configuration/changed-since-lkg primary:pg_hba.conf'],
  },
  'access-refused': {
    words: 'a line of pg_hba.conf refuses the application',
    laterMs: seconds(20),
    found: [
      'critical connections/auth primary:role app',
      'critical connections/contract contract login:login→primary',
      'error configuration/changed-since-lkg primary:pg_hba.conf',
      'warning errors/new-after-change primary',
    ],
    causes: ['confirmed connection/access-rules primary:pg_hba.conf'],
    incident: true,
    stays: ['error configuration/changed-since-lkg primary:pg_hba.conf', 'warning errors/new-after-change primary'],
  },
  'password-expired': {
    words: "the application's password has run out",
    laterMs: seconds(20),
    found: [
      'critical connections/auth primary:role app',
      'critical connections/auth standby:role app',
      'critical connections/contract contract login:login→primary',
      'critical connections/contract contract login:login→standby',
      'warning errors/new-after-change primary',
      'warning errors/new-after-change standby',
    ],
    causes: ['confirmed connection/credentials primary:role app', 'confirmed connection/credentials standby:role app'],
    incident: true,
    stays: ['warning errors/new-after-change primary', 'warning errors/new-after-change standby'],
  },
  'role-limit-reached': {
    words: "the application's role may have no more sessions",
    laterMs: seconds(20),
    found: [
      'critical connections/contract contract login:login→primary',
      'error connections/role-limit primary:role app',
      'warning errors/new-after-change primary',
    ],
    causes: ['confirmed connection/role-limit primary:role app'],
    incident: true,
    stays: ['warning errors/new-after-change primary'],
  },
  'role-timeout-too-short': {
    words: "the application's role has a timeout that hardly any statement meets",
    laterMs: seconds(20),
    found: ['error connections/role-db-settings primary:role app statement_timeout'],
    causes: ['possible connection/role-settings primary:role app statement_timeout'],
    incident: false,
  },
  'writes-forbidden': {
    words: 'default_transaction_read_only is on',
    laterMs: seconds(20),
    found: [
      'critical availability/no-writable-primary primary',
      'critical connections/auth primary:role app',
      'critical connections/contract contract login:login→primary',
      'critical connections/parameter-drift primary:default_transaction_read_only',
    ],
    causes: ['confirmed connection/role-settings primary:default_transaction_read_only'],
    incident: true,
  },
  'reader-without-pg-monitor': {
    words: 'the reading role sees half',
    laterMs: seconds(20),
    found: ['error configuration/monitor-privilege primary:role antemortem'],
    causes: [],
    incident: false,
  },
  'primary-not-started-again': {
    words: 'the primary does not start with its configuration',
    laterMs: seconds(40),
    found: [
      'critical availability/no-writable-primary primary',
      'critical availability/primary-dead-vs-unreachable primary',
      'critical connections/contract contract login:login→primary',
      'critical connections/reachable here→primary',
      'error replication/standby-connected standby',
      'error replication/subscription-down reports:subscription reports_sub',
      'warning errors/lost-observation primary',
      'error configuration/preload-library-missing primary:shared_preload_libraries',
      'error configuration/would-not-start primary',
    ],
    causes: [
      'confirmed server/config-prevents-start primary:shared_preload_libraries',
      'possible replication/standby-disconnected standby',
      'possible replication/subscriber-disconnected reports:subscription reports_sub',
    ],
    incident: true,
  },
  'primary-on-another-port': {
    words: 'the primary listens on another port than before',
    laterMs: seconds(40),
    found: [
      'critical availability/no-writable-primary primary',
      'critical availability/primary-dead-vs-unreachable primary',
      'critical connections/contract contract login:login→primary',
      'critical connections/reachable here→primary',
      'error replication/standby-connected standby',
      'error replication/subscription-down reports:subscription reports_sub',
      'warning errors/lost-observation primary',
    ],
    causes: [
      'confirmed server/port-changed primary:port',
      'possible network/partition here→primary',
      'possible replication/standby-disconnected standby',
      'possible replication/subscriber-disconnected reports:subscription reports_sub',
    ],
    incident: true,
  },
  'primary-killed': {
    words: 'the primary died without a word',
    laterMs: seconds(40),
    found: [
      'critical availability/no-writable-primary primary',
      'critical availability/primary-dead-vs-unreachable primary',
      'critical connections/contract contract login:login→primary',
      'critical connections/reachable here→primary',
      'error replication/standby-connected standby',
      'error replication/subscription-down reports:subscription reports_sub',
      'warning errors/lost-observation primary',
    ],
    causes: [
      'confirmed server/crash primary',
      'possible replication/standby-disconnected standby',
      'possible replication/subscriber-disconnected reports:subscription reports_sub',
    ],
    incident: true,
  },
  'transaction-forgotten': {
    words: 'others wait behind a transaction in which nobody works',
    laterMs: minutes(16),
    found: [
      'warning capacity/long-transaction primary:pid',
      'critical capacity/locks-blocking primary:pid',
      'critical connections/contract contract login:login→primary',
      'critical connections/contract contract login:login→standby',
      'error connections/idle-in-transaction primary:pid',
    ],
    causes: ['confirmed contention/lock primary:public.users'],
    incident: true,
  },
  'sessions-used-up': {
    words: 'hardly a session is left',
    laterMs: seconds(40),
    found: ['warning connections/saturation primary'],
    causes: [],
    incident: false,
  },
  'index-invalid': {
    words: 'a unique index could not be built',
    laterMs: minutes(6),
    found: ['error integrity/invalid-index primary:public.users_hash_idx'],
    causes: [],
    incident: false,
  },
  'page-damaged': {
    words: 'a table has a page that is not what was written',
    laterMs: seconds(20),
    found: [
      'critical errors/corruption-signature primary:base',
      'critical integrity/checksum-failures primary:database auth',
      'warning configuration/restarted primary',
    ],
    causes: [
      'possible integrity/table-corruption primary:public.orders',
      'possible replication/apply-conflict reports:subscription reports_sub',
    ],
    incident: true,
  },
  'server-crashed': {
    words: 'a process of the primary was killed, and all sessions with it',
    laterMs: seconds(20),
    found: ['critical errors/panic-or-crash primary'],
    causes: ['possible replication/apply-conflict reports:subscription reports_sub'],
    incident: true,
    stays: ['critical errors/panic-or-crash primary'],
  },
  'replay-cancels-queries': {
    words: 'replay on the standby ends the queries that stand in its way',
    laterMs: seconds(20),
    found: ['warning replication/standby-conflicts standby:database auth'],
    causes: ['confirmed replication/replay-conflict standby:max_standby_streaming_delay'],
    incident: false,
    stays: ['warning replication/standby-conflicts standby:database auth'],
  },
  'first-copy-fails': {
    words: 'a row stands in the way of the first copy of a table',
    laterMs: minutes(11),
    found: [
      'warning errors/new-after-change reports',
      'warning replication/slot-inactive primary:slot pg_sync',
      'warning replication/subscription-table-not-ready reports:public.logins',
    ],
    causes: [],
    incident: false,
    stays: ['warning errors/new-after-change reports'],
  },
} as const satisfies Readonly<Record<string, Expected>>

export type StateName = keyof typeof table
export const expected: Readonly<Record<StateName, Expected>> = table

export const toldBy = ({ found, without = [], causes, incident }: Expected): Told => ({
  found: [...always.filter((line) => !without.includes(line)), ...found].toSorted(),
  causes,
  incident,
})

/** Checks that no state here makes fire, and why. */
export const untested: Readonly<Record<string, string>> = {
  'application/outcomes': 'an application that reports its outcomes runs in drills',
  'replication/upstream-cascade-lag': 'it needs a standby of a standby, which the topology has not',
}
