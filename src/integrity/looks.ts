import type { Unchecked } from '../core/finding.ts'
import type { Abilities } from '../engines/postgres/integrity/abilities.ts'
import type { HeapProblem } from '../engines/postgres/integrity/heap-check.ts'
import type { DoubtfulObjects, ForeignKey } from '../engines/postgres/integrity/objects.ts'
import type { Orphans } from '../engines/postgres/integrity/orphans.ts'

/** One table on one node, page by page. */
export interface TableLook {
  readonly schema: string
  readonly table: string
  readonly blocks: number
  /** Pages that the catalog has counted. */
  readonly pages: number
  /** Blocks that were read, and of which something is known. */
  readonly read: number
  readonly by: 'amcheck' | 'reading'
  readonly unreadable: readonly number[]
  /** Words of the server about the first of them. */
  readonly words: string | null
  readonly zero: readonly number[]
  readonly problems: readonly HeapProblem[]
  /** Places of rows that the visibility map calls visible to everybody, and that are not. */
  readonly mismapped: readonly string[]
}

export interface IndexLook {
  readonly schema: string
  readonly index: string
  readonly table: string
  /** `btree`, `gin`, `hash`. */
  readonly method: string
  /** What told: amcheck, or the length of its file. */
  readonly by: 'amcheck' | 'file-length'
  /** null: it fits its table. */
  readonly problem: string | null
}

export interface OrphansLook extends Orphans {
  readonly key: ForeignKey
}

/** What was seen of one node's own pages and promises. */
export interface NodeLook {
  readonly node: string
  readonly abilities: Abilities
  readonly tables: readonly TableLook[]
  readonly indexes: readonly IndexLook[]
  readonly objects: DoubtfulObjects | null
  readonly orphans: readonly OrphansLook[]
  readonly blind: readonly Unchecked[]
}

/** A table of the primary and of a physical copy, row by row. */
export interface PeerLook {
  readonly schema: string
  readonly table: string
  readonly primary: string
  readonly standby: string
  readonly rows: number
  /** Keys of rows that only the primary has, only the standby has, and that both have otherwise; the first of each. */
  readonly onlyPrimary: readonly string[]
  readonly onlyStandby: readonly string[]
  readonly otherwise: readonly string[]
  readonly counts: { readonly onlyPrimary: number; readonly onlyStandby: number; readonly otherwise: number }
  /** There are more than were counted. */
  readonly more: boolean
  /** What could not be read while it was compared; null where all was. */
  readonly corrupt: string | null
}

/** Rows that a peer still reads in blocks that a node cannot read: a standby has the same rows in the same blocks. */
export interface StillThere {
  readonly node: string
  readonly schema: string
  readonly table: string
  readonly peer: string
  readonly rows: number
}

/** Of rows that the visibility map of the primary calls visible and that are not: how many it shows, and how many a standby. */
export interface MappedRows {
  readonly schema: string
  readonly table: string
  readonly peer: string
  readonly here: number
  readonly there: number
}

/** A sequence that a standby has been told of further than the primary stands. */
export interface SequenceLook {
  readonly schema: string
  readonly name: string
  readonly standby: string
  /** Last values; null before the first use. */
  readonly here: string | null
  readonly there: string
}

export interface Looks {
  readonly primary: string | null
  readonly standbys: readonly string[]
  readonly nodes: readonly NodeLook[]
  readonly peers: readonly PeerLook[]
  readonly stillThere: readonly StillThere[]
  readonly mapped: readonly MappedRows[]
  readonly sequences: readonly SequenceLook[]
  readonly blind: readonly Unchecked[]
}
