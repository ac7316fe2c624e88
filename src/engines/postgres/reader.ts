import type { z } from 'zod'
import type { FactKey, PostgresFacts } from '../../core/facts/postgres/index.ts'
import type { Unseen } from '../../core/observation.ts'
import { unseen } from '../../core/observation.ts'
import type { Hello } from './reader-session.ts'

/** What a reader may look at beside its own raw value. */
export interface ReadContext {
  readonly hello: Hello
  /** Application names of walsenders by pid. */
  readonly names: ReadonlyMap<number, string>
  /** What another reader of the same sample got, before it was read; undefined when it was not asked. */
  readonly raw: (key: FactKey) => unknown
}

/** One fact, and everything about how it is read. Statements, GRANTs and pages are assembled from these. */
export interface Reader<K extends FactKey = FactKey> {
  readonly key: K
  /** fast: every second, part of one statement. slow: every minute and when something has moved. */
  readonly tier: 'fast' | 'slow'
  /** Major versions, first and last tried. */
  readonly versions: readonly [from: number, to: number]
  /** Least role that sees it whole. */
  readonly privilege: 'login' | 'pg_monitor'
  /** Readers whose raw values `read` looks at. */
  readonly uses: readonly FactKey[]
  /** Tells two readers of one fact apart. */
  readonly variant: string
  /** A scalar expression that gives JSON. Without catalog views: their joins cost more than their functions. */
  sql(versionNum: number): string
  read(raw: unknown, context: ReadContext): PostgresFacts[K] | Unseen
}

interface ReaderSpec<K extends FactKey, R> {
  readonly key: K
  readonly tier: 'fast' | 'slow'
  readonly privilege?: 'login' | 'pg_monitor'
  readonly uses?: readonly FactKey[]
  readonly variant?: string
  readonly schema: z.ZodType<R>
  readonly sql: string | ((versionNum: number) => string)
  map(raw: R, context: ReadContext): PostgresFacts[K] | Unseen
}

/** Holds the row's schema and what is made of it together. A row of another form throws a ZodError. */
export const defineReader = <const K extends FactKey, R>(spec: ReaderSpec<K, R>): Reader<K> => ({
  key: spec.key,
  tier: spec.tier,
  versions: [15, 18],
  privilege: spec.privilege ?? 'login',
  uses: spec.uses ?? [],
  variant: spec.variant ?? '',
  sql: (versionNum) => (typeof spec.sql === 'string' ? spec.sql : spec.sql(versionNum)),
  read: (raw, context) => spec.map(spec.schema.parse(raw), context),
})

/** By code unit: the same order on every machine. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The server hid what this role may not see: NULLs, which must never pass for values. */
export const hidden = (view: string, hello: Hello): Unseen =>
  unseen('no-privilege', `${hello.role} may not see ${view} of other roles`, `grant pg_monitor to "${hello.role}"`)
