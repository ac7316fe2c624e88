import type { Digest } from '../../src/engines/postgres/rows/comparable.ts'
import { openTable } from '../../src/engines/postgres/rows/table-reader.ts'
import type { Budget, ChunkVerdict } from '../../src/rows/compare-table.ts'
import { compareTable } from '../../src/rows/compare-table.ts'
import type { Pair } from '../../src/rows/fence.ts'
import { prepare } from '../../src/rows/prepare.ts'
import type { Counted } from './counted.ts'

const scopeOf = (table: string) => ({ schema: 'public', table, columns: null, rowFilter: null })

/** A comparison of one table, and what it took. */
export interface Compared {
  readonly verdicts: readonly ChunkVerdict[]
  readonly statements: number
  readonly ofRows: number
  /** Of the two backends. */
  readonly cpuMs: number
  readonly ms: number
}

export async function compared(
  counted: Counted,
  kind: 'physical' | 'logical',
  table: string,
  signal: AbortSignal,
  budget: Budget = {},
): Promise<Compared> {
  const pair = counted.pair(kind)
  const nodes = [pair.source.name, pair.target.name]
  const { statements, ofRows } = counted
  const cpuMs = await counted.cpuMs(...nodes)
  const startedAt = performance.now()
  const verdicts: ChunkVerdict[] = []
  for await (const verdict of compareTable(pair, scopeOf(table), budget, signal)) verdicts.push(verdict)
  return {
    verdicts,
    statements: counted.statements - statements,
    ofRows: counted.ofRows - ofRows,
    cpuMs: (await counted.cpuMs(...nodes)) - cpuMs,
    ms: performance.now() - startedAt,
  }
}

/** CPU of both backends for the digests of these chunks alone. */
export async function digestsMs(
  counted: Counted,
  pair: Pair,
  table: string,
  chunks: readonly ChunkVerdict[],
  signal: AbortSignal,
): Promise<number> {
  const prepared = await prepare(pair, scopeOf(table), signal)
  const sides = [pair.source, pair.target]
  const tables = sides.map((reader) => openTable(reader, prepared.compared))
  const names = sides.map(({ name }) => name)
  const before = await counted.cpuMs(...names)
  for (const { range } of chunks)
    await Promise.all(tables.map(async (each): Promise<Digest> => each.digest(range, false, signal)))
  return (await counted.cpuMs(...names)) - before
}

/** What was found, in the words of `Injected.found`. */
export const foundIn = (verdicts: readonly ChunkVerdict[]): readonly string[] =>
  verdicts
    .flatMap(({ differing }) => differing)
    .map(({ key, kind, columns, left, right }) => {
      const image = Object.values(left ?? right ?? {})
      return [key.length > 0 ? key.join('|') : (image[0] ?? ''), kind, ...columns].join(' ')
    })
    .sort()

export const sumOf = (verdicts: readonly ChunkVerdict[], of: (verdict: ChunkVerdict) => number): number =>
  verdicts.reduce((sum, verdict) => sum + of(verdict), 0)
