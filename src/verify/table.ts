import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AntemortemError } from '../core/error.ts'
import { canonicalJson } from '../core/json.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import type { ChunkVerdict } from '../rows/compare-table.ts'
import type { TableScope } from '../rows/prepare.ts'
import { asPublished, prepare } from '../rows/prepare.ts'
import { refusalOf, remedyOf, wordsOf } from '../rows/refusal.ts'
import { chunksOf, judged, keysAgain, pairOf } from './chunks.ts'
import type { Progress } from './progress.ts'
import { format, readProgress, saveProgress } from './progress.ts'
import type { TableState } from './report.ts'
import { addChunk, beginTable, isSettledChunk, unverifiable } from './report.ts'
import type { RowWork, TableWork } from './work.ts'

const limits = {
  saveEveryMs: {
    default: 1_000,
    unit: 'ms',
    why: 'so much is looked at again after kill -9; each save waits for the disk',
  },
  tries: { default: 6, unit: 'times', why: 'a lock or a recovery conflict is over in 3 s' },
  pauseMs: { default: 100, unit: 'ms', why: 'doubled after each' },
  begun: { default: 3, unit: 'times', why: 'a table that changes its columns again and again is left for another day' },
} as const

export interface TableDone {
  readonly state: TableState
  readonly finished: boolean
}

/** Compares a table to its end, or until the signal: what was found by then is kept and told. */
export async function verifyTable(work: TableWork): Promise<TableDone> {
  const { table, clock, signal } = work
  const refuse = (chunk: ChunkVerdict): TableDone => ({ state: addChunk(beginTable, chunk, clock()), finished: true })
  if (table.refused) return refuse(unverifiable(table.refused.detail, table.refused.remedy))
  try {
    const scope = await patiently(async () => scopeOf(work), signal)
    for (let begun = 1; ; begun += 1) {
      const seen = await stampOf(work, scope)
      const done = await goThrough({ ...work, fresh: work.fresh || begun > 1 }, scope, seen)
      // Columns that were added meanwhile were compared on no row.
      if (!done.finished || seen === null || seen.stamp === (await stampOf(work, scope))?.stamp) return done
      if (begun === limits.begun.default)
        return refuse(
          unverifiable('its columns changed while it was compared', 'Compare it again when the change is over.'),
        )
    }
  } catch (error) {
    if (signal.aborted) return { state: beginTable, finished: false }
    if (error instanceof AntemortemError) return refuse(unverifiable(error.message, error.hint))
    if (!(error instanceof ReadFailed)) throw error
    return refuse(unverifiable(wordsOf(error), remedyOf(error, table.schema, table.table)))
  }
}

export async function scopeOf(work: RowWork): Promise<TableScope> {
  const { schema, table } = work.table
  if (work.pair.follows === 'declared') return { schema, table, columns: null, rowFilter: null }
  return asPublished(pairOf(work), { schema, table }, work.signal)
}

interface Seen {
  readonly stamp: string
  /** Without a key rows are known by where they lie, and that is another place when the table is rewritten. */
  readonly isKeyed: boolean
}

/** A lock of a change under way, or a conflict with recovery, is over in a moment, most of the time. */
export async function patiently<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries += 1)
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof ReadFailed) || refusalOf(error) !== 'again' || tries === limits.tries.default) throw error
      await sleep(limits.pauseMs.default * 2 ** (tries - 1), undefined, { signal })
    }
}

/** What the table looks like on both nodes, with what of it is compared; null where that cannot be read, or is not all. */
export async function stampOf(
  work: Pick<RowWork, 'pair' | 'table' | 'left' | 'right' | 'signal'>,
  scope: TableScope,
): Promise<Seen | null> {
  try {
    const { compared, stamps, sameOrder, left } = await patiently(
      async () => prepare(pairOf(work), scope, work.signal),
      work.signal,
    )
    if (left.length > 0) return null
    const seen = { format, compared, stamps, sameOrder, follows: work.pair.follows }
    const stamp = createHash('sha256').update(canonicalJson(seen)).digest('hex')
    return { stamp, isKeyed: compared.key.length > 0 }
  } catch (error) {
    if (error instanceof ReadFailed) return null
    throw error
  }
}

/** Chunk by chunk, from where an earlier run has come to. */
async function goThrough(work: TableWork, scope: TableScope, seen: Seen | null): Promise<TableDone> {
  const { cluster, pair, table, store, clock, signal } = work
  const where = { cluster, source: pair.left, target: pair.right, relation: table.name }
  const startedAt = performance.now()
  const kept = seen === null || work.fresh ? null : await readProgress(store, where, seen.stamp, clock())
  let state = await lookAgain(work, scope, kept)
  const beforeMs = state.ms
  let safe: Progress = { after: kept?.after ?? null, finished: kept?.finished ?? false, state }
  let isSafe = isSettledState(state)
  let savedAt = performance.now()
  work.onState(state)
  const save = async (): Promise<void> => {
    savedAt = performance.now()
    const isWorth = safe.finished || safe.after !== null
    if (seen !== null && isWorth) await saveProgress(store, where, { ...safe, stamp: seen.stamp, atMs: clock() })
  }
  if (kept?.finished === true) return { state, finished: true }
  try {
    const chunks = chunksOf(work, scope, safe.after)
    for (;;) {
      await Promise.all([work.left.turn(signal), work.right.turn(signal)])
      const next = await chunks.next()
      if (next.done) break
      const chunk = await judged(work, scope, next.value)
      state = { ...addChunk(state, chunk, clock()), ms: beforeMs + performance.now() - startedAt }
      work.onState(state)
      // Behind a chunk that has to be looked at again nothing can be gone on with: keys tell where one is, not where not.
      isSafe &&= isSettledChunk(chunk) && !(pair.follows === 'declared' && chunk.differing.length > 0)
      const { upTo, bucket } = chunk.range
      if (isSafe && seen?.isKeyed && upTo !== null && !bucket) safe = { after: upTo, finished: false, state }
      if (isSafe && performance.now() - savedAt >= limits.saveEveryMs.default) await save()
    }
    if (isSafe) safe = { after: null, finished: true, state }
    await save()
    return { state, finished: true }
  } catch (error) {
    if (!signal.aborted) throw error
    await save()
    return { state, finished: false }
  }
}

const isSettledState = ({ verdict, more, unsettled }: TableState): boolean =>
  (verdict === 'consistent' || verdict === 'divergent') && !more && unsettled === 0

/** Rows that an earlier run found to differ may have been mended since. */
async function lookAgain(work: TableWork, scope: TableScope, kept: Progress | null): Promise<TableState> {
  if (!kept) return beginTable
  const { state } = kept
  if (state.differing.length === 0) return state
  const found = await keysAgain(
    work,
    scope,
    state.differing.map(({ key }) => key),
  )
  const base: TableState = { ...state, verdict: 'consistent', differing: [], detail: null, remedy: null }
  return { ...addChunk(base, { ...found, rows: 0 }, work.clock()), chunks: state.chunks }
}
