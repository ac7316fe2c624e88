import type { RollbackClass } from '../../core/gate.ts'
import type { TreeNode } from '../change/tree.ts'
import { literal } from '../fill/sql.ts'
import { callsOf } from '../review/calls.ts'

/** Statements that take one back, in order; null where none is known. */
type Orders = readonly string[] | null

interface Known {
  /** Where nothing takes it back, or it could not be seen. */
  readonly form: RollbackClass
  /** null: nothing takes it back. */
  readonly inverse: ((args: readonly (string | null)[]) => Orders) | null
}

const dropSlot = ([name]: readonly (string | null)[]): Orders =>
  name == null ? null : [`select pg_drop_replication_slot(${literal(name)})`]

/** What a ROLLBACK does not undo although it stands in a SELECT. */
const known: Readonly<Record<string, Known>> = {
  pg_promote: { form: 'R4', inverse: null },
  pg_create_physical_replication_slot: { form: 'R1', inverse: dropSlot },
  pg_create_logical_replication_slot: { form: 'R1', inverse: dropSlot },
  // Its consumer has to be made anew.
  pg_drop_replication_slot: { form: 'R2', inverse: null },
  pg_wal_replay_pause: { form: 'R1', inverse: () => ['select pg_wal_replay_resume()'] },
  pg_wal_replay_resume: { form: 'R1', inverse: () => ['select pg_wal_replay_pause()'] },
  setval: { form: 'R3', inverse: null },
}

export interface CallsBack {
  readonly form: RollbackClass
  readonly inverse: Orders
}

/** How what a statement calls is taken back; null where it calls nothing that lasts. Pure. */
export function callsBack(tree: TreeNode): CallsBack | null {
  const found = callsOf(tree).flatMap(({ name, args }) => {
    const one = known[name]
    return one ? [{ form: one.form, inverse: one.inverse?.(args) ?? null }] : []
  })
  const [first, ...more] = found
  if (!first) return null
  const isWhole = found.every(({ inverse }) => inverse !== null)
  return {
    form: more.reduce((all, { form }) => (all >= form ? all : form), first.form),
    inverse: isWhole ? found.toReversed().flatMap(({ inverse }) => inverse ?? []) : null,
  }
}
