import { setTimeout as sleep } from 'node:timers/promises'
import { AntemortemError } from '../core/error.ts'
import type { Key } from '../engines/postgres/rows/comparable.ts'
import { everything } from '../engines/postgres/rows/comparable.ts'
import type { Compared } from '../engines/postgres/rows/digest-statement.ts'
import type { HashWay } from '../engines/postgres/rows/exact-column.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { openTable } from '../engines/postgres/rows/table-reader.ts'
import { placeColumn } from '../engines/postgres/rows/tuple-place.ts'
import type { Sides } from './compare/carry-out.ts'
import { carryOut, passes } from './compare/carry-out.ts'
import { begin, next } from './compare/next.ts'
import type { ChunkVerdict, Comparability, CompareLimits, DifferingRow } from './compare/state.ts'
import { defaults } from './compare/state.ts'
import { newChunk } from './compare/step.ts'
import type { Pair } from './fence.ts'
import { takeFence, waitFence } from './fence.ts'
import type { Prepared, SelfTests, TableScope } from './prepare.ts'
import { alikeWay, copyingWords, prepare } from './prepare.ts'
import { remedyOf, wordsOf } from './refusal.ts'

export type { ChunkVerdict, DifferingRow } from './compare/state.ts'
export { digested } from '../engines/postgres/rows/row-image.ts'

export interface Budget extends Partial<CompareLimits> {
  /** Share of the time in which a statement of ours may run, above 0 to 1. */
  readonly duty?: number
  /** Never write into the source's WAL. */
  readonly passiveFence?: boolean
  /** Go on behind this key, where an earlier run has come to: the end of its last verdict's range. */
  readonly after?: Key | null
  /** false: rows that differ are told by their keys alone, and nothing of what is in them leaves the servers. */
  readonly images?: boolean
  /** What the servers made of the self-test, for several tables in a run. */
  readonly selfTests?: SelfTests
}

const limits = {
  tries: {
    default: 6,
    unit: 'times',
    why: 'to read how the table is made; a lock or a recovery conflict is over in 3 s',
  },
  pauseMs: { default: 100, unit: 'ms', why: 'doubled after each' },
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
  readonly table: Comparability
  /** The key is a place in a file: nothing that a reader of the verdict could look for. */
  readonly hidesKey: boolean
}

interface ComparisonOptions {
  readonly passive: boolean
  readonly images: boolean
  readonly way: HashWay
}

export function comparisonOf(pair: Pair, prepared: Prepared, { passive, images, way }: ComparisonOptions): Comparison {
  const hidesKey = prepared.compared.key.length === 0 && prepared.samePlaces
  const key = hidesKey ? [placeColumn] : prepared.compared.key
  const compared: Compared = { ...prepared.compared, key, way }
  const sides: Sides = {
    schema: compared.schema,
    table: compared.table,
    images,
    source: openTable(pair.source, compared),
    target: openTable(pair.target, compared),
    async fence(deadlineMs, signal) {
      return waitFence(pair, await takeFence(pair.source, signal), { deadlineMs, passive, signal })
    },
  }
  const table: Comparability = {
    hasKey: key.length > 0,
    sameOrder: prepared.sameOrder,
    isPhysical: pair.follows.kind === 'physical',
    rowsEstimated: prepared.rowsEstimated,
  }
  return { sides, table, hidesKey }
}

/** The loop around the pure machine: asks what it wants to know, and keeps to the share of time that it is given. */
export async function* compareSides(
  { sides, table, hidesKey }: Comparison,
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
  let step = begin(compareLimits, table, budget.after ?? null)
  while (step.ask !== null) {
    const startedAt = performance.now()
    const event = await carryOut(step.ask, sides, signal)
    const busyMs = performance.now() - startedAt - step.ask.afterMs
    step = next(step.state, event)
    for (const verdict of step.verdicts) yield hidesKey ? withoutKeys(verdict) : verdict
    if (step.ask !== null && duty < 1) await sleep(Math.max(0, busyMs) * (1 / duty - 1), undefined, { signal })
  }
}

function withoutKeys(verdict: ChunkVerdict): ChunkVerdict {
  const hidden = (rows: readonly DifferingRow[]): readonly DifferingRow[] => rows.map((row) => ({ ...row, key: [] }))
  return { ...verdict, differing: hidden(verdict.differing), healed: hidden(verdict.healed) }
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
  for (let tries = 1; ; tries += 1)
    try {
      return await openOnce(pair, table, budget, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof AntemortemError) return unverifiable(error.message, error.hint)
      if (!(error instanceof ReadFailed)) throw error
      if (!passes(error) || tries === limits.tries.default)
        return unverifiable(wordsOf(error), remedyOf(error, table.schema, table.table))
      await sleep(limits.pauseMs.default * 2 ** (tries - 1), undefined, { signal })
    }
}

async function openOnce(
  pair: Pair,
  table: TableScope,
  budget: Budget,
  signal: AbortSignal,
): Promise<Opened | ChunkVerdict> {
  const way = await alikeWay(pair, budget.selfTests ?? new Map(), signal)
  const prepared = await prepare(pair, table, signal)
  const copying = await copyingWords(pair, table, signal)
  if (copying !== null) return { ...unverifiable(copying, 'Wait until the copy has ended.'), verdict: 'lagging' }
  const options = { passive: budget.passiveFence ?? false, images: budget.images ?? true, way }
  return { comparison: comparisonOf(pair, prepared, options), left: prepared.left }
}

const unverifiable = (detail: string, remedy: string): ChunkVerdict => ({
  verdict: 'unverifiable',
  ...newChunk(everything),
  conflicts: 0,
  detail,
  remedy,
})
