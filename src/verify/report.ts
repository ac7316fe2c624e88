import type { DifferingRow, PairReport, RowVerdict, TableReport, VerifyReport } from '../core/verification.ts'
import { everything } from '../engines/postgres/rows/comparable.ts'
import type { ChunkVerdict } from '../rows/compare-table.ts'
import type { NotCovered } from './pairs.ts'

/** What is known of a table so far. JSON: it is kept between two runs. */
export interface TableState {
  readonly verdict: RowVerdict
  /** On the left node, as counted. */
  readonly rows: number
  /** Of these, the rows of which something is known. */
  readonly known: number
  readonly chunks: number
  readonly differing: readonly DifferingRow[]
  readonly more: boolean
  readonly unsettled: number
  readonly healed: number
  readonly oldestMs: number | null
  /** Some of it could not be counted. */
  readonly isPart: boolean
  readonly detail: string | null
  readonly remedy: string | null
  readonly ms: number
}

export const beginTable: TableState = {
  verdict: 'consistent',
  rows: 0,
  known: 0,
  chunks: 0,
  differing: [],
  more: false,
  unsettled: 0,
  healed: 0,
  oldestMs: null,
  isPart: false,
  detail: null,
  remedy: null,
  ms: 0,
}

/** Nothing is known of it. */
export const unverifiable = (detail: string, remedy: string): ChunkVerdict => ({
  verdict: 'unverifiable',
  range: everything,
  rows: 0,
  differing: [],
  more: false,
  unsettled: 0,
  healed: [],
  conflicts: 0,
  detail,
  remedy,
})

/** From least to gravest. What is not known outweighs what is only late. */
const order = [
  'consistent',
  'lagging',
  'unsettled',
  'unverifiable',
  'divergent',
  'corrupt',
] as const satisfies readonly RowVerdict[]

export const gravest = (verdicts: readonly RowVerdict[]): RowVerdict =>
  order.findLast((verdict) => verdicts.includes(verdict)) ?? 'consistent'

const isKnown = ({ verdict }: ChunkVerdict): boolean =>
  verdict === 'consistent' || verdict === 'divergent' || verdict === 'unsettled'

/** Adds what was found in a range of keys. The detail is that of the gravest. */
export function addChunk(state: TableState, chunk: ChunkVerdict, atMs: number): TableState {
  const verdict = gravest([state.verdict, chunk.verdict])
  const tells = verdict !== state.verdict || (state.detail === null && chunk.verdict === verdict)
  return {
    verdict,
    rows: state.rows + chunk.rows,
    known: state.known + (isKnown(chunk) ? Math.max(0, chunk.rows - chunk.unsettled) : 0),
    chunks: state.chunks + 1,
    differing: [...state.differing, ...chunk.differing],
    more: state.more || chunk.more,
    unsettled: state.unsettled + chunk.unsettled,
    healed: state.healed + chunk.healed.length,
    oldestMs: isKnown(chunk) ? Math.min(state.oldestMs ?? atMs, atMs) : state.oldestMs,
    isPart: state.isPart || !isKnown(chunk),
    detail: tells ? chunk.detail : state.detail,
    remedy: tells ? chunk.remedy : state.remedy,
    ms: state.ms,
  }
}

/** Is all that was found in this range written down, so that nobody has to look at it again? */
export const isSettledChunk = ({ verdict, differing, more, unsettled }: ChunkVerdict): boolean =>
  verdict === 'consistent' ||
  (verdict === 'divergent' && !more && unsettled === 0 && differing.every(({ key }) => key.length > 0))

export interface TableEnd {
  readonly table: string
  readonly rowsEstimated: number
  /** It was gone through to its end. */
  readonly finished: boolean
}

/** A share that is not all of it never reads like all of it. */
const notWhole = (share: number): number => Math.min(0.9999, Math.floor(share * 10_000) / 10_000)

function coverageOf({ rows, known, isPart }: TableState, { finished, rowsEstimated }: TableEnd): number {
  if (finished && !isPart) return known === rows ? 1 : notWhole(known / rows)
  return notWhole(known / Math.max(rowsEstimated, rows, 1))
}

export function tableReport(state: TableState, end: TableEnd): TableReport {
  const { verdict, rows, chunks, differing, more, unsettled, healed, detail, remedy } = state
  // What was not looked at to its end is nothing that anybody may rely on.
  const isOpen = !end.finished && gravest([verdict, 'unsettled']) === 'unsettled'
  return {
    table: end.table,
    verdict,
    rows,
    chunks,
    differing,
    more,
    unsettled,
    healed,
    detail,
    remedy,
    ...(isOpen && {
      verdict: 'unsettled',
      detail: 'it was not looked at to its end',
      remedy: 'The same command goes on where it was.',
    }),
    coverage: coverageOf(state, end),
    oldestVerifiedMs: state.oldestMs,
    ms: Math.round(state.ms),
  }
}

export interface ClusterEnd {
  readonly cluster: string
  readonly atMs: number
  readonly pairs: readonly PairReport[]
  readonly notCovered: readonly NotCovered[]
  /** Nodes that should have been looked at and could not. */
  readonly blind: readonly NotCovered[]
  /** Rows that a table has, where it was not counted: by `left/right/table`. */
  readonly weights: ReadonlyMap<string, number>
}

export const weightKey = (pair: Pick<PairReport, 'left' | 'right'>, table: string): string =>
  JSON.stringify([pair.left, pair.right, table])

/** The whole answer: green only where every row of every table of every pair is known to be equal. */
export function clusterReport({ cluster, atMs, pairs, notCovered, blind, weights }: ClusterEnd): VerifyReport {
  const tables = pairs.flatMap((pair) => pair.tables.map((table) => ({ pair, table })))
  const verdicts: RowVerdict[] = tables.map(({ table }) => table.verdict)
  if (blind.length > 0 || tables.length === 0) verdicts.push('unverifiable')
  const oldest = tables.flatMap(({ table }) => table.oldestVerifiedMs ?? [])
  return {
    cluster,
    atMs,
    verdict: gravest(verdicts),
    coverage: tables.length === 0 ? 0 : shareOf(tables, weights),
    oldestVerifiedMs: oldest.length === 0 ? null : Math.min(...oldest),
    pairs,
    notCovered: [...blind, ...notCovered],
  }
}

function shareOf(
  tables: readonly { readonly pair: PairReport; readonly table: TableReport }[],
  weights: ReadonlyMap<string, number>,
): number {
  if (tables.every(({ table }) => table.coverage === 1)) return 1
  const weighed = tables.map(({ pair, table }) => ({
    weight: table.coverage === 1 ? table.rows : Math.max(table.rows, weights.get(weightKey(pair, table.table)) ?? 0, 1),
    coverage: table.coverage,
  }))
  const all = weighed.reduce((sum, { weight }) => sum + weight, 0)
  return notWhole(weighed.reduce((sum, { weight, coverage }) => sum + weight * coverage, 0) / all)
}

/** Exit codes of docs/cli.md. */
export function exitOf({ verdict, coverage }: Pick<VerifyReport, 'verdict' | 'coverage'>): 0 | 1 | 3 {
  if (verdict === 'divergent' || verdict === 'corrupt') return 1
  return verdict === 'consistent' && coverage === 1 ? 0 : 3
}
