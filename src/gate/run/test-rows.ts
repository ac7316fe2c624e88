import { setTimeout as sleep } from 'node:timers/promises'
import type { Snapshot } from '../../core/snapshot.ts'
import type { FillableTable } from '../../engines/postgres/ddl/fillable.ts'
import { readFillable } from '../../engines/postgres/ddl/fillable.ts'
import { runCanaries, withParents } from '../canary/canaries.ts'
import type { Place } from '../canary/expected.ts'
import { placesOf } from '../canary/expected.ts'
import type { ApplyResult, CanaryResult } from '../rehearsal.ts'
import type { ErrorCounts } from './apply-errors.ts'
import { applyResults, countErrors, haveGrown } from './apply-errors.ts'
import { settle } from './settle.ts'
import type { Stage } from './stage.ts'
import { linkOf } from './stage.ts'

const limits = {
  tables: { default: 200, unit: 'tables', why: 'three steps with two rows in each take a second on three nodes' },
  secondPollMs: { default: 1200, unit: 'ms', why: 'a worker in a crash loop comes back every 500 ms in a lab' },
} as const

export interface RowTestOptions {
  /** What decides which node carries which table. */
  readonly described: Snapshot
  /** Errors before the change. */
  readonly errorsBefore: ErrorCounts
  /** Tables to test beside those that a subscription carries, as `schema.table`. */
  readonly also: ReadonlySet<string>
}

/** What became of the test rows. */
export interface RowTest {
  readonly canaries: readonly CanaryResult[]
  readonly applies: readonly ApplyResult[]
  /** A subscription fails again and again: nothing that is asked of this copy afterwards means anything. */
  readonly isStuck: boolean
  /** The tables of `also` that there are. */
  readonly tables: readonly FillableTable[]
  readonly places: (table: FillableTable) => readonly Place[]
  /** Carried tables that were too many to be tested. */
  readonly untested: number
}

/** Writes test rows into every carried and every named table of a running copy, and watches the subscriptions meanwhile. */
export async function testRows(stage: Stage, { described, errorsBefore, also }: RowTestOptions): Promise<RowTest> {
  const { primary, signal } = stage
  const errors = await countErrors(stage)
  const reached = await linkOf(stage, primary).reach(signal)
  const all = reached.ok ? await readFillable(reached.reader, { signal, deadlineMs: 10_000 }) : []
  const places = (table: FillableTable) => placesOf(table, primary, described)
  const named = all.filter(({ schema, name }) => also.has(`${schema}.${name}`))
  const isCarried = (table: FillableTable): boolean => places(table).some(({ subscription }) => subscription !== null)
  const carried = all.filter((table) => !named.includes(table) && isCarried(table))
  const chosen = [...named, ...carried.slice(0, limits.tables.default)]
  let late: ReadonlySet<string> = new Set()
  const canaries = await runCanaries(stage, {
    tables: withParents(chosen, all),
    twins: new Set(named),
    placesOf: places,
    settle: async () => {
      const arrivals = await settle(stage, { described, errors, late })
      late = new Set(arrivals.filter((arrival) => arrival.late !== null).map(({ node }) => node))
      return arrivals
    },
  })
  const polls = await pollTwice(stage, errors)
  const isStuck = polls.some((poll) => haveGrown(errors, poll))
  const applies = applyResults(stage, errorsBefore, polls)
  const untested = Math.max(0, carried.length - limits.tables.default)
  return { canaries, applies, isStuck, tables: named, places, untested }
}

/** One look more where errors have come since the rows were written: only growth says that they go on. */
async function pollTwice(stage: Stage, errors: ErrorCounts): Promise<readonly ErrorCounts[]> {
  const first = await countErrors(stage)
  const isQuiet = [...first].every(([key, count]) => count <= (errors.get(key) ?? 0))
  if (isQuiet) return [errors, first]
  await sleep(limits.secondPollMs.default, undefined, { signal: stage.signal })
  return [first, await countErrors(stage)]
}
