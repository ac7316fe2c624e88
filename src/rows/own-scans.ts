import type { Readers } from '../engines/postgres/rows/touched-statement.ts'

/** Who reads a table on a node, as far as the server tells. */
export interface ReadBy {
  /** The role of each client session whose last statement reads the table; null where the server hides statements from us. */
  readonly roles: readonly string[] | null
  /** Scans of the table and its indexes, as counted by the server. */
  readonly scans: number
  /** Ours among them: subtract, and compare the rest with what it was when the watch began. */
  readonly ownScans: number
}

/** Keeps apart, for one table on one node, the scans that we made from those of others. */
export class OwnScans {
  #made = 0
  #others = 0
  #lost = false
  #wasBeside = false

  /** A statement of ours has failed: whether it had begun to scan is not known. */
  lose(): void {
    this.#lost = true
  }

  /** After each of our statements on the table. */
  count({ roles, scans, ownPending, ownNow, othersComparing }: Readers): ReadBy {
    this.#made += ownNow
    // Another watcher compares the same tables; what it did last is counted after it has gone.
    const isBeside = othersComparing > 0
    if (isBeside || this.#wasBeside) this.#lost = true
    this.#wasBeside = isBeside
    // Counters start again after a crash or a reset; after a lost statement its scan is taken for ours, and a scan of others
    // in the same moment with it: a client that goes on reading shows all the same.
    if (this.#lost || scans + ownPending < this.#made) this.#made = scans + ownPending - this.#others
    this.#lost = false
    const ownScans = this.#made - ownPending
    this.#others = scans - ownScans
    return { roles, scans, ownScans }
  }
}
