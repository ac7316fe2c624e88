import type { Digest, Key, Range } from '../engines/postgres/rows/comparable.ts'
import { everything } from '../engines/postgres/rows/comparable.ts'
import { readRow } from '../engines/postgres/rows/node-reader.ts'
import { openTable } from '../engines/postgres/rows/table-reader.ts'
import type { Look, LookOptions } from '../engines/postgres/rows/touched-statement.ts'
import { lookRow, lookStatement, readersRow, readersStatement } from '../engines/postgres/rows/touched-statement.ts'
import type { Comparison } from './compare-table.ts'
import { comparisonOf } from './compare-table.ts'
import type { Pair } from './fence.ts'
import { OwnScans } from './own-scans.ts'
import type { ReadBy } from './own-scans.ts'
import type { Prepared, TableScope } from './prepare.ts'
import { copyingWords, copyState, prepare } from './prepare.ts'
import type { Refusal } from './refusal.ts'

/** A touched table on a pair of nodes: its columns, the part that is compared, and the last look at each side. */
export class TouchedTable {
  #pair: Pair
  readonly #scope: TableScope
  readonly #ownScans = new OwnScans()
  #prepared: Prepared | null = null
  #range: Range = everything
  #readBy: ReadBy | null = null
  #sourceRows: number | null = null
  #nodeRows: number | null = null

  constructor({ pair, ...scope }: TableScope & { readonly pair: Pair }) {
    this.#pair = pair
    this.#scope = scope
  }

  /** Connections may be others than last time. */
  on(pair: Pair): this {
    this.#pair = pair
    return this
  }

  get left(): readonly string[] {
    return this.#prepared?.left ?? []
  }

  /** The first look: both at once, no fence. null: too large to be compared, and no key to take a part by. */
  async lookAtBoth(
    maxRows: number,
    signal: AbortSignal,
  ): Promise<{ readonly source: Digest; readonly target: Digest } | null> {
    for (;;) {
      const prepared = (this.#prepared ??= await prepare(this.#pair, this.#scope, signal))
      const isLarge = prepared.rowsEstimated > maxRows || (this.#sourceRows ?? 0) > 2 * maxRows
      // Ordered otherwise on each node, its newest rows would not be the same ones.
      if (isLarge && (prepared.compared.key.length === 0 || !prepared.sameOrder)) return null
      if (isLarge && (this.#range.after === null || (this.#sourceRows ?? 0) > 2 * maxRows)) {
        const source = openTable(this.#pair.source, prepared.compared)
        this.#range = { after: await source.boundaryFromEnd(maxRows, signal), upTo: null }
      }
      const [source, target] = await Promise.all([
        this.#look('source', prepared, false, signal),
        this.#look('target', prepared, false, signal),
      ])
      if (source.stamp === prepared.stamps.source && target.stamp === prepared.stamps.target)
        return { source: source.digest, target: target.digest }
      this.#prepared = null
    }
  }

  async lookAtSource(signal: AbortSignal): Promise<Digest> {
    return (await this.#look('source', await this.#ready(signal), true, signal)).digest
  }

  async lookAtTarget(signal: AbortSignal): Promise<Digest> {
    return (await this.#look('target', await this.#ready(signal), true, signal)).digest
  }

  async #ready(signal: AbortSignal): Promise<Prepared> {
    return (this.#prepared ??= await prepare(this.#pair, this.#scope, signal))
  }

  async #look(side: 'source' | 'target', prepared: Prepared, versions: boolean, signal: AbortSignal): Promise<Look> {
    const readers = side === 'source' ? 'no' : this.#readers()
    const options: LookOptions = { range: this.#range, versions, readers }
    const look = await readRow(this.#pair[side], lookStatement(prepared.compared, options), lookRow, signal)
    if (side === 'source') this.#sourceRows = look.digest.rows
    else this.#nodeRows = look.digest.rows
    if (look.readers) this.#readBy = this.#ownScans.count(look.readers)
    return look
  }

  /** Row by row, for what changes too fast as a whole; null where there is no key to do it by. */
  async byRows(passive: boolean, signal: AbortSignal): Promise<{ comparison: Comparison; after: Key | null } | null> {
    const prepared = await this.#ready(signal)
    if (prepared.compared.key.length === 0) return null
    const options = { passive, images: false, way: 'record' } as const
    return { comparison: comparisonOf(this.#pair, prepared, options), after: this.#range.after }
  }

  /** Our scans since the last look were not counted one by one: all that were made meanwhile are taken for ours. */
  async recountScans(signal: AbortSignal): Promise<void> {
    const { compared } = await this.#ready(signal)
    this.#ownScans.lose()
    const statement = readersStatement(compared, this.#readers())
    this.#readBy = this.#ownScans.count(await readRow(this.#pair.target, statement, readersRow, signal))
  }

  #readers(): 'all-scans' | 'not-by-identity' {
    return this.#pair.follows.kind === 'logical' ? 'not-by-identity' : 'all-scans'
  }

  /** A statement on the table has failed there. */
  failed(node: string, refusal: Refusal): void {
    if (node === this.#pair.target.name) this.#ownScans.lose()
    if (refusal === 'reshaped' || refusal === 'absent') this.#prepared = null
  }

  async copying(signal: AbortSignal): Promise<string | null> {
    return copyingWords(this.#pair, this.#scope, signal)
  }

  async whyDifferent(signal: AbortSignal): Promise<string | null> {
    const { follows } = this.#pair
    const carried = follows.kind === 'physical' || (await copyState(this.#pair, this.#scope, signal)) !== null
    const words = [
      ...(carried ? [] : [`subscription ${follows.subscription} does not carry it`]),
      ...this.left,
      this.coverageWords(),
    ]
    return words.filter((word) => word !== null).join('; ') || null
  }

  /** null where all rows are compared. */
  coverageWords(): string | null {
    const estimated = this.#prepared?.rowsEstimated ?? 0
    return this.#range.after === null
      ? null
      : `only its newest ${this.#sourceRows ?? 0} rows of about ${Math.round(Math.max(estimated, this.#sourceRows ?? 0))}`
  }

  figures(): { sourceRows: number | null; nodeRows: number | null; coverage: number; readBy: ReadBy | null } {
    const rows = this.#sourceRows ?? 0
    const coverage =
      this.#range.after === null ? 1 : Math.min(1, rows / Math.max(rows, 1, this.#prepared?.rowsEstimated ?? 0))
    return { sourceRows: this.#sourceRows, nodeRows: this.#nodeRows, coverage, readBy: this.#readBy }
  }
}
