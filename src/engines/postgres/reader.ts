import type { z } from 'zod'
import type { FactKey, PostgresFacts } from '../../core/facts/postgres/index.ts'
import type { Unseen } from '../../core/observation.ts'
import { unseen } from '../../core/observation.ts'
import type { Hello, SenderName } from './reader-session.ts'

/** Older ones are refused. 13 and 14 are read as far as they have what is read. */
export const oldestMajor = 13
/** Newer ones are read as this one is. */
export const newestTriedMajor = 18

/** What a reader may look at beside its own raw value. */
export interface ReadContext {
  readonly hello: Hello
  /** Names and addresses of walsenders by pid. */
  readonly names: ReadonlyMap<number, SenderName>
  /** Slots by the pid of who uses them. */
  readonly slots: ReadonlyMap<number, string>
  /** What another reader of the same sample got, before it was read; undefined when it was not asked. */
  readonly raw: (key: FactKey) => unknown
}

/** `grant`: one that pg_monitor does not include. */
export type Privilege = 'login' | 'pg_monitor' | 'grant'

/** A privilege that is looked for before the statement: one that the server refuses stands in its log every time. */
export interface Granted {
  /** An expression: has the role what it needs? */
  readonly sql: string
  /** Whose rows or lines. */
  readonly view: string
  /** What to run, without the role. */
  readonly grant: string
}

/** One fact, and everything about how it is read. Statements, GRANTs and pages are assembled from these. */
export interface Reader<K extends FactKey = FactKey> {
  readonly key: K
  /** fast: every second, part of one statement. slow: every minute and when something has moved. */
  readonly tier: 'fast' | 'slow'
  /** Major versions: the first that has it, and the last that was tried. */
  readonly versions: readonly [from: number, to: number]
  /** Least role that sees it whole. */
  readonly privilege: Privilege
  /** Where pg_monitor does not give it: what does. */
  readonly granted: Granted | null
  /** Readers without whose values this one cannot be read. */
  readonly uses: readonly FactKey[]
  /** Tells two readers of one fact apart. */
  readonly variant: string
  /**
   * At most so many rows come at once, where there may be too many for one statement: those whose first column is above $1,
   * lowest first. null: all come together.
   */
  readonly page: number | null
  /** A scalar expression that gives JSON. Without catalog views: their joins cost more than their functions. */
  sql(versionNum: number): string
  read(raw: unknown, context: ReadContext): PostgresFacts[K] | Unseen
}

interface ReaderSpec<K extends FactKey, R> {
  readonly key: K
  readonly tier: 'fast' | 'slow'
  readonly privilege?: Privilege
  readonly granted?: Granted
  /** First major version that has it. */
  readonly from?: number
  readonly uses?: readonly FactKey[]
  readonly variant?: string
  readonly page?: number
  readonly schema: z.ZodType<R>
  readonly sql: string | ((versionNum: number) => string)
  map(raw: R, context: ReadContext): PostgresFacts[K] | Unseen
}

/** Holds the row's schema and what is made of it together. A row of another form throws a ZodError. */
export const defineReader = <const K extends FactKey, R>(spec: ReaderSpec<K, R>): Reader<K> => ({
  key: spec.key,
  tier: spec.tier,
  versions: [spec.from ?? oldestMajor, newestTriedMajor],
  privilege: spec.privilege ?? 'login',
  granted: spec.granted ?? null,
  uses: spec.uses ?? [],
  variant: spec.variant ?? '',
  page: spec.page ?? null,
  sql: (versionNum) => (typeof spec.sql === 'string' ? spec.sql : spec.sql(versionNum)),
  read: (raw, context) => spec.map(spec.schema.parse(raw), context),
})

/** By code unit: the same order on every machine. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The server hid what this role may not see: NULLs, which must never pass for values. */
export const hidden = (view: string, hello: Hello): Unseen =>
  unseen('no-privilege', `${hello.role} may not see ${view} of other roles`, `grant pg_monitor to "${hello.role}"`)

/** More of them than are read: said, because a part of them would pass for all. */
export const tooMany = (what: string, most: number): Unseen =>
  unseen(
    'not-in-this-version',
    `there are more than ${most} ${what}: so many are not read`,
    'nothing is wrong with the server: what is told of them elsewhere has to do',
  )

/** A grant as people run it. */
export const grantTo = ({ view, grant }: Granted, { role, database }: Hello): Unseen =>
  unseen('no-privilege', `${role} may not see ${view} in database ${database}`, `${grant} to "${role}"`)
