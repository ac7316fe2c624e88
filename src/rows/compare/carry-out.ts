import { setTimeout as sleep } from 'node:timers/promises'
import type { ComparableTable } from '../../engines/postgres/rows/comparable.ts'
import { ReadFailed } from '../../engines/postgres/rows/node-reader.ts'
import type { Wait } from '../fence.ts'
import { refusalOf, remedyOf, wordsOf } from '../refusal.ts'
import { partsOf } from './locate.ts'
import type { Ask, CompareEvent } from './state.ts'

/** The two nodes of a comparison, as far as it needs them. */
export interface Sides {
  readonly schema: string
  readonly table: string
  readonly source: ComparableTable
  readonly target: ComparableTable
  /** Keep rows that differ as evidence. */
  readonly images: boolean
  /** Takes a fence on the source now, and waits for it on the target. */
  fence(deadlineMs: number, signal: AbortSignal): Promise<Wait>
}

/** Asks the nodes; what goes wrong there is an event as well. */
export async function carryOut(ask: Ask, sides: Sides, signal: AbortSignal): Promise<CompareEvent> {
  try {
    if (ask.afterMs > 0) await sleep(ask.afterMs, undefined, { signal })
    return await answerTo(ask, sides, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ReadFailed)) throw error
    const remedy = remedyOf(error, sides.schema, sides.table)
    const refusal = passes(error) ? 'again' : refusalOf(error)
    const isTimeout = error.failure.code === '57014'
    return { type: 'failed', refusal, isTimeout, detail: wordsOf(error), remedy }
  }
}

/** The connection ended under the statement (restart, terminated, cut), or the server is not back yet: soon there is another. */
const away = /^(08...|57P0[1-3]|CLOSED|CLIENT_DEADLINE|ECONNRESET|ECONNREFUSED|EPIPE)$/

/** The driver's own words; it gives them no code. */
const cut = /Connection terminated/

/** May the same question be answered a moment later? */
export const passes = (error: ReadFailed): boolean =>
  refusalOf(error) === 'again' || away.test(error.failure.code ?? '') || cut.test(error.failure.message)

async function answerTo(ask: Ask, sides: Sides, signal: AbortSignal): Promise<CompareEvent> {
  const both = async <T>(read: (table: ComparableTable) => Promise<T>): Promise<{ source: T; target: T }> => {
    const [source, target] = await Promise.all([read(sides.source), read(sides.target)])
    return { source, target }
  }
  const reads = async <T>(read: (table: ComparableTable) => Promise<T>, deadlineMs: number) => {
    const before = await read(sides.source)
    const wait = await sides.fence(deadlineMs, signal)
    if (!wait.reached) return { wait, reads: null }
    const target = await read(sides.target)
    return { wait, reads: { before, target, after: await read(sides.source) } }
  }
  switch (ask.do) {
    case 'boundary':
      return { type: 'boundary', upTo: await sides.source.boundary(ask.after, ask.limit, signal) }
    case 'hash': {
      const startedAt = performance.now()
      const digests = await both(async (table) => table.digest(ask.range, false, signal))
      return { type: 'hash', ...digests, ms: performance.now() - startedAt }
    }
    case 'fence':
      return { type: 'fence', wait: await sides.fence(ask.deadlineMs, signal) }
    case 'cut':
      return { type: 'cut', cuts: await sides[ask.side].cuts(ask.range, { rows: ask.rows, parts: partsOf }, signal) }
    case 'parts':
      return { type: 'parts', ...(await both(async (table) => table.parts(ask.range, ask.cuts, signal))) }
    case 'rows':
      return { type: 'rows', ...(await both(async (table) => table.rows(ask.range, signal))) }
    case 'buckets':
      return { type: 'buckets', ...(await both(async (table) => table.buckets(ask.range, ask.of, signal))) }
    case 'settle': {
      const read = async (table: ComparableTable) => table.rowsByKey(ask.keys, sides.images && ask.images, signal)
      return { type: 'settle', ...(await reads(read, ask.deadlineMs)) }
    }
    case 'settle-copies': {
      const imagesOf = sides.images ? ask.imagesOf : []
      const read = async (table: ComparableTable) => table.copies(ask.range, imagesOf, signal)
      return { type: 'settle-copies', ...(await reads(read, ask.deadlineMs)) }
    }
    case 'settle-range':
      break
  }
  const read = await reads(async (table) => table.digest(ask.range, true, signal), ask.deadlineMs)
  return { type: 'settle-range', wait: read.wait, round: read.reads }
}
