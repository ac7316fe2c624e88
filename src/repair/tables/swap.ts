import { begin, exchange, makeLogged } from '../../engines/postgres/act/swap/swap.ts'
import { createTwin, indexTwin } from '../../engines/postgres/act/swap/create.ts'
import { swapFactsByActor } from '../../engines/postgres/act/swap/facts.ts'
import { compareShown, settle } from '../../engines/postgres/act/swap/rows.ts'
import type { Actor } from '../../engines/postgres/act/actor.ts'
import { everything, type ComparableTable } from '../../engines/postgres/rows/comparable.ts'
import { commonColumns, rowHash } from '../../engines/postgres/rows/exact-column.ts'
import { readTableShape } from '../../engines/postgres/rows/table-shape.ts'
import type { Output } from '../../plans/doer.ts'
import { takeFence, waitFence } from '../../rows/fence.ts'
import { hashUnknown, lagging, stillUnequal, wouldBeLost, writtenSince } from './failures.ts'
import { actorReader, comparable, type OpenDonor, type TableReach } from './reach.ts'
import type { RebuildInput } from './step-input.ts'

/** What a transaction of ours is called while the damaged table is on its way out and will be dropped in it. */
const leaving = (kept: string): string => `${kept}_x`

/**
 * The swap: whole or not at all, because it is one transaction. Writers wait from the lock on; readers only while the names
 * change. What fails leaves the old table in its place.
 */
export async function swapTable(
  actor: Actor,
  what: RebuildInput,
  reach: TableReach,
  signal: AbortSignal,
): Promise<Output> {
  const { versionNum } = await swapFactsByActor(actor, what)
  await begin(actor, what)
  const lockedAt = performance.now()
  return reach.donor(what.donor, what, signal, async (donor) => {
    const own = actorReader(what.primary, actor)
    const fence = await waitFence(
      { source: own, target: donor.reader, follows: { kind: 'physical' } },
      await takeFence(own, signal),
      {
        deadlineMs: 30_000,
        passive: reach.passiveFence,
        signal,
      },
    )
    if (!fence.reached) throw lagging(what, fence.why)
    const { hash, rows, replaced } = await asDonor(actor, what, donor, signal)
    const isPublished = what.publishes !== ''
    if (isPublished) await createTwin(actor, { ...what, twin: what.kept })
    const { columns } = commonColumns(donor.shape, donor.shape, { published: null, physical: true })
    const shown = await compareShown(actor, {
      shape: donor.shape,
      twin: what.twin,
      hash: rowHash(columns),
      into: isPublished ? what.kept : null,
    })
    if (shown.onlyHere > what.mayGo || shown.otherwise > what.mayChange) throw wouldBeLost(what, shown)
    if (isPublished) await indexTwin(actor, { ...what, twin: what.kept })
    await makeLogged(actor, what.schema, what.twin)
    const { statements } = await exchange(
      actor,
      {
        schema: what.schema,
        table: what.table,
        incoming: what.twin,
        outgoing: isPublished ? { droppedAs: leaving(what.kept) } : { keptAs: what.kept },
      },
      { versionNum, signal },
    )
    await actor.run({ text: 'commit' })
    return {
      rows,
      hash,
      replaced,
      unreadable_blocks: shown.unreadable,
      gone: shown.onlyHere,
      changed: shown.otherwise,
      kept: what.kept,
      statements,
      held_ms: Math.round(performance.now() - lockedAt),
    }
  })
}

/** Rows that were written while it was filled are brought in; then both are hashed whole. */
async function asDonor(actor: Actor, what: RebuildInput, donor: OpenDonor, signal: AbortSignal) {
  const own = actorReader(what.primary, actor)
  const mine = comparable(
    own,
    await readTableShape(own, { schema: what.schema, table: what.twin }, signal),
    donor.shape,
  )
  const same = async (): Promise<{ readonly rows: number; readonly hash: string } | null> => {
    const [theirs, ours] = await bothDigests(donor.table, mine, signal)
    return theirs.hash === ours.hash ? ours : null
  }
  const first = await same()
  if (first) return { ...first, replaced: 0 }
  const replaced = await settle(actor, { donor, mine, shape: donor.shape, twin: what.twin, signal })
  const then = await same()
  if (!then) throw stillUnequal(what)
  return { ...then, replaced }
}

const bothDigests = async (a: ComparableTable, b: ComparableTable, signal: AbortSignal) =>
  Promise.all([a.digest(everything, false, signal), b.digest(everything, false, signal)])

/** Only if nothing was written since: what the rebuilt table holds now is what it held then. */
export async function swapBack(
  actor: Actor,
  what: RebuildInput,
  hash: string | null,
  signal: AbortSignal,
): Promise<Output> {
  if (hash === null) throw hashUnknown(what)
  const { versionNum } = await swapFactsByActor(actor, what)
  await begin(actor, what)
  const own = actorReader(what.primary, actor)
  const shape = await readTableShape(own, what, signal)
  const now = await comparable(own, shape, shape).digest(everything, false, signal)
  if (now.hash !== hash) throw writtenSince(what)
  await makeLogged(actor, what.schema, what.kept)
  await exchange(
    actor,
    { schema: what.schema, table: what.table, incoming: what.kept, outgoing: { droppedAs: leaving(what.twin) } },
    { versionNum, signal },
  )
  await actor.run({ text: 'commit' })
  return { rows: now.rows, foreign_keys: 'not validated: the damaged table may lack rows that they need' }
}
