import type { NodeView } from '../core/snapshot.ts'
import type { VerifyReport } from '../core/verification.ts'
import type { Inventory } from '../engines/postgres/rows/list-tables.ts'
import { listTables } from '../engines/postgres/rows/list-tables.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { wordsOf } from '../rows/refusal.ts'
import { assertMeant } from './meant.ts'
import type { PacedNode } from '../engines/postgres/paced/paced-node.ts'
import type { NodePair, NotCovered, Pairs } from './pairs.ts'
import type { Again } from './recheck.ts'
import { againOf } from './recheck.ts'
import type { Selection } from './tables.ts'
import { sendingOf, tablesOf } from './tables.ts'
import type { WantedTable } from './wanted-table.ts'

/** A pair with what is to be done on it. */
export interface Task {
  readonly pair: NodePair
  readonly tables: readonly WantedTable[]
  readonly again: ReadonlyMap<string, Again> | null
}

export interface Tasks {
  readonly tasks: readonly Task[]
  readonly notCovered: readonly NotCovered[]
  readonly blind: readonly NotCovered[]
}

export interface Wishes {
  /** Patterns of `schema.table`; empty: all. */
  readonly globs: readonly string[]
  /** Look only at what this report had not found consistent. */
  readonly recheck: VerifyReport | null
  readonly signal: AbortSignal
}

/** What there is on each node, and what of it is wanted. */
export async function tasksOf(
  { globs, recheck, signal }: Wishes,
  { pairs }: Pairs,
  nodes: readonly NodeView[],
  readers: ReadonlyMap<string, PacedNode>,
): Promise<Tasks> {
  const inventories = new Map<string, Inventory | NotCovered>()
  await Promise.all(
    [...readers].map(async ([name, reader]) => inventories.set(name, await inventoryOf(name, reader, signal))),
  )
  const tasks: Task[] = []
  const notCovered: NotCovered[] = []
  const listings: Inventory[] = []
  for (const pair of pairs) {
    const [left, right] = [inventories.get(pair.left), inventories.get(pair.right)]
    if (!left || !right || 'why' in left || 'why' in right) continue
    listings.push(left, right)
    const selection = tablesOf({ ...sendingOf(pair, pairs, nodes), left, right }, globs)
    const again = recheck && againOf(recheck, pair)
    tasks.push({ pair, tables: again ? chosen(selection, again) : selection.tables, again })
    notCovered.push(...(again ? skipped(selection, again, pair) : selection.notCovered))
  }
  if (recheck === null) assertMeant(globs, listings, tasks.flatMap(({ tables }) => tables).length)
  return { tasks, notCovered, blind: [...inventories.values()].filter((each) => 'why' in each) }
}

async function inventoryOf(name: string, reader: PacedNode, signal: AbortSignal): Promise<Inventory | NotCovered> {
  try {
    return await listTables(reader, signal)
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error
    return { what: `node ${name}`, why: wordsOf(error) }
  }
}

/** Of a table that has gone since there is nothing to look at, and that is no agreement. */
const chosen = ({ tables }: Selection, again: ReadonlyMap<string, Again>): readonly WantedTable[] =>
  [...again.keys()].map(
    (name) =>
      tables.find((table) => table.name === name) ?? {
        schema: '',
        table: name,
        name,
        rowsEstimated: -1,
        subscription: null,
        back: null,
        suspicion: null,
        refused: { detail: 'it is not there any more, or not carried', remedy: 'Run verify without --recheck.' },
        excuse: null,
      },
  )

const skipped = (
  { tables }: Selection,
  again: ReadonlyMap<string, Again>,
  { left, right }: NodePair,
): readonly NotCovered[] => {
  const count = tables.filter(({ name }) => !again.has(name)).length
  return count === 0
    ? []
    : [{ what: `${left} → ${right}: ${count} other tables`, why: 'a second look is at what had not been consistent' }]
}
