import type { Refusal, Step } from '../../core/plan.ts'
import { withActor, type Actor } from '../../engines/postgres/act/actor.ts'
import { createTwin, dropTwin, indexTwin, tableOid } from '../../engines/postgres/act/swap/create.ts'
import { swapFactsByActor } from '../../engines/postgres/act/swap/facts.ts'
import { fill } from '../../engines/postgres/act/swap/rows.ts'
import { makeLogged } from '../../engines/postgres/act/swap/swap.ts'
import type { Doer, Output, StepContext } from '../../plans/doer.ts'
import { shownTable } from '../names.ts'
import { unequalCopy } from './failures.ts'
import type { TableReach } from './reach.ts'
import { serverOf } from './rebuild.ts'
import { whyNotSwap } from './refusals.ts'
import { rebuildInput, textOf } from './step-input.ts'
import { swapBack, swapTable } from './swap.ts'

/** It changes nothing, or may be done again from the start. */
const again: Doer['probe'] = () => Promise.resolve('not-done')

export const onPrimary = async <T>(
  reach: TableReach,
  step: Step,
  { signal }: StepContext,
  work: (actor: Actor) => Promise<T>,
): Promise<T> => {
  const primary = textOf(step, 'primary')
  const about = `${textOf(step, 'schema')}.${textOf(step, 'table')}`
  return withActor(primary, reach.act(primary), { signal, deadlineMs: step.deadlineMs, about }, work)
}

/** Why the table is not what the plan was made for. */
async function whyNotNow(actor: Actor, step: Step): Promise<Refusal | null> {
  const what = rebuildInput(step)
  const facts = await swapFactsByActor(actor, what)
  const refusal = (id: string, why: string): Refusal => ({ id, why, evidence: { node: what.primary } })
  if (serverOf(facts) !== what.server)
    return refusal(
      'other-server',
      `the act address of ${what.primary} leads to another server or database than its url`,
    )
  const [first] = whyNotSwap(what, facts)
  if (first) return first
  if (!facts.isOwned) return refusal('not-owner', `the acting role of ${what.primary} does not own ${shownTable(what)}`)
  if (facts.oid !== what.oid)
    return refusal('other-table', `${shownTable(what)} is another table than the one that was looked at`)
  if (facts.publishes.join(', ') !== what.publishes)
    return refusal(
      'publications-changed',
      `which publications carry all tables has changed since the plan was made: make it again`,
    )
  return null
}

/** The doers of `rebuild-table` and of its undo. */
export const rebuildDoers = (reach: TableReach): readonly Doer[] => [
  {
    kind: 'swap-look',
    async precondition(step, context) {
      const refused = await onPrimary(reach, step, context, async (actor) => whyNotNow(actor, step))
      if (refused) return refused
      const { donor, schema, table } = rebuildInput(step)
      return reach.donor(donor, { schema, table }, context.signal, async ({ shape }) =>
        shape.columns.length > 0
          ? null
          : { id: 'no-donor', why: `${donor} has no table ${shownTable({ schema, table })}`, evidence: {} },
      )
    },
    do: () => Promise.resolve({}),
    probe: again,
  },
  {
    kind: 'twin-create',
    async do(step, context) {
      const what = rebuildInput(step)
      return onPrimary(reach, step, context, async (actor): Promise<Output> => {
        await createTwin(actor, what)
        return { oid: await tableOid(actor, what.schema, what.twin) }
      })
    },
    async probe(step, context) {
      const { schema, twin } = rebuildInput(step)
      return (await onPrimary(reach, step, context, async (actor) => tableOid(actor, schema, twin))) === null
        ? 'not-done'
        : 'done'
    },
  },
  {
    kind: 'twin-fill',
    async do(step, context) {
      const what = rebuildInput(step)
      const startedAt = performance.now()
      return reach.donor(what.donor, what, context.signal, async (donor) =>
        onPrimary(reach, step, context, async (actor) => {
          // From the start: what an earlier attempt left may be half of it, and may have its indexes.
          await createTwin(actor, what)
          const { bytes, pieces } = await fill(actor, {
            donor,
            shape: donor.shape,
            twin: what.twin,
            signal: context.signal,
          })
          await indexTwin(actor, what)
          return { bytes, pieces, ms: Math.round(performance.now() - startedAt) }
        }),
      )
    },
    probe: again,
  },
  {
    kind: 'twin-log',
    async do(step, context) {
      const { schema, twin } = rebuildInput(step)
      return onPrimary(reach, step, context, async (actor) => {
        await makeLogged(actor, schema, twin)
        return {}
      })
    },
    probe: again,
  },
  {
    kind: 'table-swap',
    precondition: async (step, context) => onPrimary(reach, step, context, async (actor) => whyNotNow(actor, step)),
    async do(step, context) {
      return onPrimary(reach, step, context, async (actor) =>
        swapTable(actor, rebuildInput(step), reach, context.signal),
      )
    },
    async probe(step, context) {
      const { schema, twin } = rebuildInput(step)
      return (await onPrimary(reach, step, context, async (actor) => tableOid(actor, schema, twin))) === null
        ? 'done'
        : 'not-done'
    },
  },
  {
    kind: 'keys-validate',
    async do(step, context) {
      const statements: unknown = JSON.parse(textOf(step, 'statements'))
      const texts = Array.isArray(statements) ? statements.map(String) : []
      return onPrimary(reach, step, context, async (actor) => {
        for (const text of texts) await actor.run({ text })
        return { validated: texts.length }
      })
    },
    probe: again,
  },
  {
    kind: 'copy-compare',
    async do(step, context) {
      const { schema, table, primary } = rebuildInput(step)
      const node = textOf(step, 'node')
      const subscription = typeof step.input['subscription'] === 'string' ? step.input['subscription'] : null
      const { verdict, sourceRows, nodeRows, detail } = await reach.compare(
        { schema, table, source: primary, node, subscription },
        context.signal,
      )
      if (verdict !== 'equal') throw unequalCopy(shownTable({ schema, table }), node, primary, verdict, detail)
      return { verdict, source_rows: sourceRows, node_rows: nodeRows }
    },
    probe: again,
  },
  {
    kind: 'twin-drop',
    async do(step, context) {
      const { schema, twin } = rebuildInput(step)
      return onPrimary(reach, step, context, async (actor) => {
        await dropTwin(actor, { schema, twin })
        return {}
      })
    },
    async probe(step, context) {
      const { schema, twin } = rebuildInput(step)
      return (await onPrimary(reach, step, context, async (actor) => tableOid(actor, schema, twin))) === null
        ? 'done'
        : 'not-done'
    },
  },
  {
    kind: 'table-swap-back',
    async do(step, context) {
      const hash = context.undoing.get(step.n)?.['hash']
      return onPrimary(reach, step, context, async (actor) =>
        swapBack(actor, rebuildInput(step), typeof hash === 'string' ? hash : null, context.signal),
      )
    },
    async probe(step, context) {
      const { schema, kept } = rebuildInput(step)
      return (await onPrimary(reach, step, context, async (actor) => tableOid(actor, schema, kept))) === null
        ? 'done'
        : 'not-done'
    },
  },
]
