import type { AppRelease, LabStep } from '../core/lab-step.ts'
import type { NodeRole } from '../core/snapshot.ts'
import type { AuthNames } from '../lab/auth-schema.ts'
import type { Artefact } from './artefact.ts'
import { drawNoise, type Decoy } from './noise.ts'
import type { Random } from './random.ts'
import type { GroundStep } from './steps.ts'

/** What a seed draws: everything that a diagnosis must not depend on. */
export interface Scene {
  readonly names: AuthNames
  /** Nodes that serve the application's reads; the subscriber is always one of them. */
  readonly reads: readonly string[]
  readonly release: AppRelease
  /** Harmless changes just before the trigger. */
  readonly noise: readonly LabStep[]
  /** What looks like a reason and is none, just before the trigger. */
  readonly decoy: Decoy | null
}

/** What the application itself must suffer: a drill that did not happen shows nothing. */
export interface Symptom {
  /** Any of these codes; any failure where it is left out. */
  readonly codes?: readonly string[]
  /** Least share of the logins that fail, from the first failure on. */
  readonly min?: number
  /** Largest share of all logins since the trigger: nothing is wrong. */
  readonly max?: number
}

/**
 * A subject, to the letter. A star at its beginning stands for what only a run knows: the directory of a file, the name of the
 * host that asks. In triggers `kind:deployment` is any change of that kind.
 */
export type Accepted = string

export interface Truth {
  /** The cause that must be named first; `healthy` where nothing must be, `unknown` where no cause of the catalogue is right. */
  readonly cause: string
  readonly subject: Accepted | null
  /** Others that are as right: one rewrite of a file touches several keys. */
  readonly subjects?: readonly Accepted[]
  /** The object of the change that set it off; null where none did, and none may be named. */
  readonly trigger: Accepted | null
  readonly triggers?: readonly Accepted[]
  /** Causes that may be named beside it without being wrong. */
  readonly also?: readonly string[]
  readonly symptom: Symptom
}

/** What an outage or a look-alike does in a scene, and what is true of it. */
export interface Act {
  /** Before the application starts: what has been so for long. */
  readonly setup?: readonly GroundStep[]
  /** The release that has been running for long; the scene's own where it is left out. */
  readonly release?: AppRelease
  /** The application reaches the servers through proxies; the watcher never does. */
  readonly proxies?: true
  readonly trigger: readonly LabStep[]
  readonly truth: Truth
  /** How long what is healthy is watched. */
  readonly quietMs?: number
  /** The trigger's change as somebody could have held it up; absent where nothing could. */
  readonly change?: Artefact
}

export interface Drill {
  readonly id: string
  readonly title: string
  /**
   * `outage`: it happened to somebody. `variant`: the same kind of outage with another face. `look-alike`: it looks like one of
   * them and must not be named so.
   */
  readonly kind: 'outage' | 'variant' | 'look-alike'
  /** Roles of nodes that must serve reads, for the harm to be seen; the subscriber always does. */
  readonly serving?: readonly NodeRole[]
  /** What the original team did, minute by minute after the first alert; empty for all but outages. */
  readonly course: readonly { readonly minute: number; readonly words: string }[]
  readonly original: { readonly toCauseMin: number | null; readonly totalMin: number | null }
  /** Guard of each stage, as a measure of a postmortem names it. */
  readonly guards: Readonly<Partial<Record<'prevent' | 'detect' | 'diagnose' | 'recover', string>>>
  act(scene: Scene, random: Random): Act
}

/** Of what happened to nobody: there is no course to compare with, and no postmortem that binds a guard. */
export const noOriginal = {
  course: [],
  original: { toCauseMin: null, totalMin: null },
  guards: {},
} as const satisfies Pick<Drill, 'course' | 'original' | 'guards'>

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

export function drawScene(random: Random, { serving = [] }: Pick<Drill, 'serving'> = {}): Scene {
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
  const drawn = random.pick([
    [primary, standby, subscriber],
    [primary, subscriber],
    [standby, subscriber],
  ])
  const wanted = new Set(serving.map((role) => names[role]))
  return {
    names,
    reads: [primary, standby, subscriber].filter((node) => drawn.includes(node) || wanted.has(node)),
    release: { name: 'v1', statements: reading(usersTable, 'id', usersTable) },
    ...drawNoise(names, random),
  }
}
