/** How far a run is, for whoever waits. */
export interface Tally {
  /** Of all tables, as the catalog estimates them; never fewer than were compared. */
  readonly rowsAll: number
  readonly rowsDone: number
  /** Of these, compared by earlier runs. */
  readonly rowsBefore: number
  readonly tablesAll: number
  readonly tablesDone: number
  readonly passedMs: number
}

export interface Rate {
  readonly share: number
  readonly rowsPerSecond: number
  /** null: nothing to tell it by yet. */
  readonly leftMs: number | null
}

export function rateOf({ rowsAll, rowsDone, rowsBefore, passedMs }: Tally): Rate {
  const compared = rowsDone - rowsBefore
  const rowsPerSecond = passedMs > 0 ? (compared * 1000) / passedMs : 0
  const all = Math.max(rowsAll, rowsDone, 1)
  return {
    share: Math.min(1, rowsDone / all),
    rowsPerSecond,
    leftMs: rowsPerSecond > 0 ? ((all - rowsDone) * 1000) / rowsPerSecond : null,
  }
}
