import { AntemortemError } from '../../core/error.ts'
import type { Refusal, Step } from '../../core/plan.ts'
import type { RowImage } from '../../core/verification.ts'
import { withActor, type Actor } from '../../engines/postgres/act/actor.ts'
import {
  differsFrom,
  exchangeRows,
  lookAtRows,
  type Moved,
  type RowChange,
} from '../../engines/postgres/act/exchange-rows.ts'
import { orphansOf } from '../../engines/postgres/act/foreign-keys.ts'
import { lookAtTable, lookAtTarget } from '../../engines/postgres/act/repair-look.ts'
import type { Doer, Output, Probed, StepContext } from '../../plans/doer.ts'
import { shownTable } from '../names.ts'
import { batchOf, rowsOfTable, type BatchInput } from './batch.ts'
import { aboutRows } from './gather.ts'
import { prove, sortOut } from './prove.ts'
import type { RowsReach } from './reach.ts'
import { subscriptionDoersOf } from './subscription-doers.ts'
import { isExtra } from './table-rows.ts'
import { whyNotTarget } from './why-not.ts'
import { concerns } from './writing.ts'

const limits = {
  attempts: {
    default: 4,
    unit: 'attempts',
    why: 'rows that come right by themselves meanwhile are left out each time',
  },
} as const

/** The doers of `repair-rows` and of its undo. */
export function rowDoersOf(reach: RowsReach): readonly Doer[] {
  const act = async <T>(step: Step, { signal }: StepContext, work: (actor: Actor) => Promise<T>): Promise<T> => {
    const { target } = batchOf(step)
    const options = { signal, deadlineMs: step.deadlineMs, about: aboutRows(target) }
    return withActor(target, reach.act(target), options, work)
  }
  const lookAt = async (step: Step, context: StepContext) => {
    const batch = batchOf(step)
    return whyNotTarget(batch, await act(step, context, lookAtTarget), batch.server)
  }
  /** Those that were not as they must be; then nothing was changed. */
  const exchange = async (step: Step, context: StepContext, rows: readonly RowChange[]): Promise<readonly Moved[]> => {
    const batch = batchOf(step)
    const keep = async (found: readonly RowChange[]): Promise<void> => {
      if (context.plan.undoes === undefined) await reach.keep(context.plan.id, step.n, found)
    }
    return act(step, context, async (actor) => exchangeRows(actor, batch, rows, batch.mode, keep))
  }
  const exchangeAll = async (step: Step, context: StepContext, rows: readonly RowChange[]): Promise<Output> => {
    const moved = rows.length === 0 ? [] : await exchange(step, context, rows)
    if (moved.length > 0) throw rowsMoved(batchOf(step), moved)
    return { rows: rows.length }
  }
  const probe = async (step: Step, context: StepContext, rows: readonly RowChange[]): Promise<Probed> => {
    const keys = rows.map(({ key }) => key)
    const found = await act(step, context, async (actor) => lookAtRows(actor, batchOf(step), keys))
    return probedOf(rows, found)
  }
  const undone = async (step: Step, { plan }: StepContext): Promise<readonly RowChange[]> =>
    backOf(await reach.kept(plan.undoes ?? plan.id, step.n))

  return [
    {
      kind: 'rows-exchange',
      async precondition(step, context) {
        const refused = await lookAt(step, context)
        if (refused) return refused
        const batch = batchOf(step)
        const { moved } = await sortOut(reach, batch, batch.rows, [], context.signal)
        return moved.length > 0 ? sourceMoved(batch, moved) : null
      },
      async do(step, context) {
        const batch = batchOf(step)
        let [rows, suspects, healed]: [readonly RowChange[], readonly Moved[], number] = [batch.rows, [], 0]
        for (let attempt = 1; ; attempt += 1) {
          const sorted = await sortOut(reach, batch, rows, suspects, context.signal)
          if (sorted.moved.length > 0) throw rowsMoved(batch, sorted.moved)
          rows = sorted.rows
          healed += sorted.healed
          suspects = rows.length === 0 ? [] : await exchange(step, context, rows)
          if (suspects.length === 0) return { rows: rows.length, healed }
          if (attempt >= limits.attempts.default || suspects.some(({ isWritten }) => isWritten))
            throw rowsMoved(batch, suspects)
        }
      },
      // What is not kept was never written; of what is, the rows themselves tell.
      async probe(step, context) {
        const kept = await reach.kept(context.plan.id, step.n)
        return kept.length === 0 ? 'not-done' : probe(step, context, kept)
      },
    },
    {
      // No source holds it against what is there: the publisher's row comes by itself.
      kind: 'rows-clear',
      precondition: lookAt,
      do: async (step, context) => exchangeAll(step, context, batchOf(step).rows),
      // Gone, or the publisher's own is in its place.
      async probe(step, context) {
        const rows = batchOf(step).rows
        const found = await act(step, context, async (actor) =>
          lookAtRows(
            actor,
            batchOf(step),
            rows.map(({ key }) => key),
          ),
        )
        return rows.some(({ key, from }) => differsFrom(from, found.get(JSON.stringify(key)) ?? []) === null)
          ? 'not-done'
          : 'done'
      },
    },
    {
      kind: 'rows-put-back',
      precondition: lookAt,
      do: async (step, context) => exchangeAll(step, context, await undone(step, context)),
      probe: async (step, context) => probe(step, context, await undone(step, context)),
    },
    {
      kind: 'rows-foreign-keys',
      async do(step, context) {
        const batch = batchOf(step)
        const rows = rowsOfTable(context.plan.steps, batch)
        return act(step, context, async (actor) => {
          const look = await lookAtTable(actor, batch.schema, batch.table)
          const keys = (look?.foreignKeys ?? []).filter((key) => concerns(key, rows))
          for (const key of keys) {
            const images = key.isParent
              ? rows.map(({ from }) => from)
              : rows.filter((row) => !isExtra(row)).map(({ to }) => to)
            const orphans = await orphansOf(actor, key, images.filter(isImage))
            if (orphans.length > 0) throw orphaned(batch, key.name, orphans)
          }
          return { foreign_keys: keys.length }
        })
      },
      probe: onlyReads,
    },
    {
      kind: 'rows-prove',
      async do(step, { plan, signal }) {
        const batch = batchOf(step)
        return prove(reach, batch, rowsOfTable(plan.steps, batch), signal)
      },
      probe: onlyReads,
    },
    ...subscriptionDoersOf(reach),
  ]
}

const isImage = (image: RowImage | null): image is RowImage => image !== null

/** It changes nothing: it may always be done again. */
const onlyReads: Doer['probe'] = () => Promise.resolve('not-done')

/** The way back of what was kept: only the columns that were written are put back. */
export const backOf = (kept: readonly RowChange[]): readonly RowChange[] =>
  kept.map(({ key, from, to }) => ({
    key,
    from: to,
    to: from && to ? Object.fromEntries(Object.keys(to).map((name) => [name, from[name] ?? null])) : from,
  }))

/** A transaction is whole or not at all: one row that is still as it was, and it was not carried out. */
export function probedOf(rows: readonly RowChange[], found: ReadonlyMap<string, readonly RowImage[]>): Probed {
  const is = (image: RowImage | null, { key }: RowChange): boolean =>
    differsFrom(image, found.get(JSON.stringify(key)) ?? []) === null
  if (rows.length === 0) return 'done'
  if (rows.some((row) => is(row.from, row) && !is(row.to, row))) return 'not-done'
  return rows.some((row) => is(row.to, row)) ? 'done' : 'cannot-see'
}

function sourceMoved(batch: BatchInput, moved: readonly Moved[]): Refusal {
  const [first] = moved
  return {
    id: 'source-moved',
    why: `${shownTable(batch)} on ${batch.source}: ${moved.length} ${moved.length === 1 ? 'row' : 'rows'} changed there since the plan was made and ${moved.length === 1 ? 'differs' : 'differ'} still, the first ${JSON.stringify(first?.key)} (${first?.why}): make the plan again`,
    evidence: { node: batch.source, rows: moved.length },
  }
}

function rowsMoved(batch: BatchInput, moved: readonly Moved[]): AntemortemError {
  const [first] = moved
  const more = moved.length > 1 ? `, and ${moved.length - 1} more rows are not either` : ''
  return new AntemortemError(
    'rows-moved',
    `${shownTable(batch)} on ${batch.target}: the row ${JSON.stringify(first?.key)} is not as the plan says: ${first?.why}${more}. Nothing of this transaction was kept`,
    'Somebody wrote there: look at the row, and make the plan again.',
    { exit: 4 },
  )
}

const orphaned = (batch: BatchInput, key: string, orphans: readonly (readonly string[])[]): AntemortemError =>
  new AntemortemError(
    'foreign-key-broken',
    `${shownTable(batch)} on ${batch.target}: foreign key ${key} has ${orphans.length === 1 ? 'a value' : 'values'} without a row to refer to: ${orphans.map((row) => row.join(', ')).join('; ')}`,
    'Repair the other table as well (plan without --table), or take this plan back.',
    { exit: 4 },
  )
