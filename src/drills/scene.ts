import type { AppRelease, LabStep } from '../core/lab-step.ts'
import type { AuthNames } from '../lab/auth-schema.ts'
import type { Random } from './random.ts'

/** What a seed draws: everything that a diagnosis must not depend on. */
export interface Scene {
  readonly names: AuthNames
  /** Nodes that serve the application's reads; the subscriber is always one of them. */
  readonly reads: readonly string[]
  readonly release: AppRelease
  /** Harmless changes just before the trigger. */
  readonly noise: readonly LabStep[]
}

export interface Truth {
  /** The cause that must be named first; `healthy` where nothing must be, `unknown` where no cause of the catalogue is right. */
  readonly cause: string
  readonly subject: string | null
  /** The object of the change that set it off. */
  readonly trigger: string | null
}

/** What an outage or a look-alike does in a scene, and what is true of it. */
export interface Act {
  readonly trigger: readonly LabStep[]
  readonly truth: Truth
  /** The change as files for the gate: as it was made, and as it should have been. */
  readonly migrations?: { readonly asMade: string; readonly corrected: string }
}

export interface Drill {
  readonly id: string
  readonly title: string
  /** `outage`: it happened to somebody. `look-alike`: it looks like one of them and must not be named so. */
  readonly kind: 'outage' | 'look-alike'
  /** What the original team did, minute by minute after the first alert; empty for look-alikes. */
  readonly course: readonly { readonly minute: number; readonly words: string }[]
  readonly original: { readonly toCauseMin: number | null; readonly totalMin: number | null }
  /** Guard of each stage, as a measure of a postmortem names it. */
  readonly guards: Readonly<Partial<Record<'prevent' | 'detect' | 'diagnose' | 'recover', string>>>
  act(scene: Scene, random: Random): Act
}

export const reading = (table: string, key: string, users: string): AppRelease['statements'] => ({
  read: `select password_hash from ${table} where ${key} = $1`,
  write: `update ${users} set last_login = now() where id = $1`,
})

const nodeNames: readonly [readonly [string, string, string], ...(readonly [string, string, string])[]] = [
  ['primary', 'standby', 'reports'],
  ['db1', 'db2', 'db3'],
  ['pg-main', 'pg-copy', 'pg-read'],
  ['north', 'north-b', 'south'],
]

export function drawScene(random: Random): Scene {
  const [primary, standby, subscriber] = random.pick(nodeNames)
  const usersTable = random.pick(['users', 'accounts', 'members'])
  const subscription = random.pick(['reports_sub', 'auth_sub', 'copy_of_auth'])
  const names: AuthNames = {
    database: 'auth',
    primary,
    standby,
    subscriber,
    usersTable,
    publication: random.pick(['auth_pub', 'pub', 'everything_for_reports']),
    subscription,
    slot: subscription,
    standbySlot: 'standby_slot',
    app: 'app',
    watch: 'antemortem',
    replication: 'replicator',
  }
  const reads = random.pick([
    [primary, standby, subscriber],
    [primary, subscriber],
    [standby, subscriber],
  ])
  return {
    names,
    reads,
    release: { name: 'v1', statements: reading(usersTable, 'id', usersTable) },
    noise: random.some(harmless(names), random.int(4)),
  }
}

/** Changes that break nothing: what merely coincides is listed, not named. */
function harmless(names: AuthNames): readonly LabStep[] {
  return [
    { do: 'sql', node: names.primary, text: 'create index orders_placed_at_idx on orders (placed_at)' },
    {
      do: 'sql',
      node: names.primary,
      text: `create view recent_orders as select * from orders where placed_at > now() - interval '1 day'`,
    },
    { do: 'sql', node: names.primary, text: 'create table import_scratch (line int primary key, raw text)' },
    {
      do: 'sql',
      node: names.primary,
      text: `alter table sessions alter column started_at set default clock_timestamp()`,
    },
    {
      do: 'sql',
      node: names.subscriber,
      text: 'create table report_cache (day date primary key, logins int not null)',
    },
    { do: 'conf', node: names.standby, settings: { work_mem: '6MB' } },
    { do: 'sql', node: names.primary, text: 'vacuum analyze orders' },
  ]
}
