import { begin, exchange, makeLogged } from '../../engines/postgres/act/swap/swap.ts'
import { createTwin, indexTwin } from '../../engines/postgres/act/swap/create.ts'
import { swapFactsByActor } from '../../engines/postgres/act/swap/facts.ts'
import { settle } from '../../engines/postgres/act/swap/rows.ts'
import { compareShown, keepHashes, type Compared } from '../../engines/postgres/act/swap/shown.ts'
import type { Actor } from '../../engines/postgres/act/actor.ts'
import { everything } from '../../engines/postgres/rows/comparable.ts'
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
    const { columns } = commonColumns(donor.shape, donor.shape, { published: null, physical: true })
    const compared: Compared = { shape: donor.shape, twin: what.twin, hash: rowHash(columns) }
    const { hash, rows, replaced } = await asDonor(actor, what, { donor, compared, signal })
    const isPublished = what.publishes !== ''
    if (isPublished) await createTwin(actor, { ...what, twin: what.kept })
    const shown = await compareShown(actor, compared, isPublished ? what.kept : null)
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

/** Rows that were written while it was filled are brought in; both are hashed whole, and are equal. */
async function asDonor(
  actor: Actor,
  what: RebuildInput,
  { donor, compared, signal }: { readonly donor: OpenDonor; readonly compared: Compared; readonly signal: AbortSignal },
): Promise<{ readonly rows: number; readonly hash: string; readonly replaced: number }> {
  const own = actorReader(what.primary, actor)
  const shape = await readTableShape(own, { schema: what.schema, table: what.twin }, signal)
  const mine = comparable(own, shape, donor.shape)
  // Nobody can write meanwhile, and the standby has all that was: what it holds is hashed once.
  const [theirs, first] = await Promise.all([
    donor.table.digest(everything, false, signal),
    keepHashes(actor, compared),
  ])
  if (theirs.hash === first.hash) return { ...first, replaced: 0 }
  const replaced = await settle(actor, { donor, mine, shape: donor.shape, twin: what.twin, signal })
  const then = await keepHashes(actor, compared)
  if (theirs.hash !== then.hash) throw stillUnequal(what)
  return { ...then, replaced }
}

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
