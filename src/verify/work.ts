import type { SelfTests } from '../rows/prepare.ts'
import type { PacedNode } from '../engines/postgres/paced/paced-node.ts'
import type { NodePair } from './pairs.ts'
import type { Kept } from './progress.ts'
import type { TableState } from './report.ts'
import type { WantedTable } from './wanted-table.ts'

/** One table of one pair, and all that comparing rows of it needs. */
export interface RowWork {
  readonly pair: NodePair
  readonly table: WantedTable
  readonly left: PacedNode
  readonly right: PacedNode
  readonly passiveFence: boolean
  /** How long the right node is waited for. */
  readonly fenceMs: number
  /** Once a run is enough. */
  readonly selfTests: SelfTests
  readonly signal: AbortSignal
}

/** The same, to go through all of the table. */
export interface TableWork extends RowWork {
  readonly cluster: string
  readonly store: Kept
  /** Begin anew, wherever an earlier run has come to. */
  readonly fresh: boolean
  readonly clock: () => number
  /** After each chunk, and after what an earlier run had found. */
  readonly onState: (state: TableState) => void
}
