import { setTimeout as sleep } from 'node:timers/promises'
import { AntemortemError } from '../core/error.ts'
import type { Key } from '../engines/postgres/rows/comparable.ts'
import { everything } from '../engines/postgres/rows/comparable.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { openTable } from '../engines/postgres/rows/table-reader.ts'
import type { Sides } from './compare/carry-out.ts'
import { carryOut } from './compare/carry-out.ts'
import { begin, next } from './compare/next.ts'
import type { ChunkVerdict, CompareLimits } from './compare/state.ts'
import { defaults } from './compare/state.ts'
import type { Pair } from './fence.ts'
import { takeFence, waitFence } from './fence.ts'
import type { Prepared, TableScope } from './prepare.ts'
import { assertAlike, copyingWords, prepare } from './prepare.ts'
import { remedyOf, wordsOf } from './refusal.ts'

export type { ChunkVerdict, DifferingRow } from './compare/state.ts'

export interface Budget extends Partial<CompareLimits> {
  /** Share of the time in which a statement of ours may run, above 0 to 1. */
  readonly duty?: number
  /** Never write into the source's WAL. */
  readonly passiveFence?: boolean
  /** Go on behind this key, where an earlier run has come to. */
  readonly after?: Key | null
}

const limits = {
  duty: { default: 1, unit: 'share', why: 'somebody waits for the answer; a rolling comparison gives 0.1' },
} as const

/**
 * Compares one table of a pair, chunk by chunk in key order. A verdict comes as soon as it is certain; what cannot be read is
 * a verdict, too. Ends early when the reader of the verdicts stops.
 */
export async function* compareTable(
  pair: Pair,
  table: TableScope,
  budget: Budget,
  signal: AbortSignal,
): AsyncGenerator<ChunkVerdict, void, void> {
  const opened = await open(pair, table, budget, signal)
  if ('verdict' in opened) {
    yield opened
    return
  }
  const { comparison, left } = opened
  yield* compareSides(comparison, budget, signal)
  // Equal in what could be compared is not equal.
  if (left.length > 0) yield unverifiable(left.join('; '), `Make the columns of ${table.table} the same on both nodes.`)
}

/** Two nodes and a table that is the same on both. */
export interface Comparison {
  readonly sides: Sides
  /** Both sort the key alike. */
  readonly sameOrder: boolean
}

export function comparisonOf(pair: Pair, { compared, sameOrder }: Prepared, passive: boolean): Comparison {
  const sides: Sides = {
    schema: compared.schema,
    table: compared.table,
    source: openTable(pair.source, compared),
    target: openTable(pair.target, compared),
    async fence(deadlineMs, signal) {
      return waitFence(pair, await takeFence(pair.source, signal), { deadlineMs, passive, signal })
    },
  }
  return { sides, sameOrder }
}

/** The loop around the pure machine: asks what it wants to know, and keeps to the share of time that it is given. */
export async function* compareSides(
  { sides, sameOrder }: Comparison,
  budget: Budget,
  signal: AbortSignal,
): AsyncGenerator<ChunkVerdict, void, void> {
  const duty = budget.duty ?? limits.duty.default
  const compareLimits: CompareLimits = {
    firstRows: budget.firstRows ?? defaults.firstRows.default,
    chunkMs: budget.chunkMs ?? defaults.chunkMs.default,
    fenceMs: budget.fenceMs ?? defaults.fenceMs.default,
    mostDiffering: budget.mostDiffering ?? defaults.mostDiffering.default,
  }
  let step = begin(compareLimits, { hasKey: sides.source.key.length > 0, sameOrder }, budget.after ?? null)
  while (step.ask !== null) {
    const startedAt = performance.now()
    const event = await carryOut(step.ask, sides, signal)
    const busyMs = performance.now() - startedAt - step.ask.afterMs
    step = next(step.state, event)
    if (step.verdict) yield step.verdict
    if (step.ask !== null && duty < 1) await sleep(Math.max(0, busyMs) * (1 / duty - 1), undefined, { signal })
  }
}

interface Opened {
  readonly comparison: Comparison
  readonly left: readonly string[]
}

async function open(
  pair: Pair,
  table: TableScope,
  budget: Budget,
  signal: AbortSignal,
): Promise<Opened | ChunkVerdict> {
  try {
    await assertAlike(pair, new Map(), signal)
    const prepared = await prepare(pair, table, signal)
    const copying = await copyingWords(pair, table, signal)
    if (copying !== null) return { ...unverifiable(copying, 'Wait until the copy has ended.'), verdict: 'lagging' }
    return { comparison: comparisonOf(pair, prepared, budget.passiveFence ?? false), left: prepared.left }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AntemortemError) return unverifiable(error.message, error.hint)
    if (!(error instanceof ReadFailed)) throw error
    return unverifiable(wordsOf(error), remedyOf(error, table.schema, table.table))
  }
}

const unverifiable = (detail: string, remedy: string): ChunkVerdict => ({
  verdict: 'unverifiable',
  range: everything,
  rows: 0,
  differing: [],
  more: false,
  unsettled: 0,
  detail,
  remedy,
})
