import { AntemortemError } from '../../core/error.ts'
import type { Refusal, Step } from '../../core/plan.ts'
import { withActor, type Actor } from '../../engines/postgres/act/actor.ts'
import { lookAtSubscription, skipTransaction, switchSubscription } from '../../engines/postgres/act/subscription.ts'
import type { Doer, StepContext } from '../../plans/doer.ts'
import { compareTable } from '../../rows/compare-table.ts'
import { takeFence, waitFence } from '../../rows/fence.ts'
import { asPublished } from '../../rows/prepare.ts'
import { shown, shownTable } from '../names.ts'
import { aboutRows } from './gather.ts'
import { pairOf } from './on-both.ts'
import type { RowsReach } from './reach.ts'
import type { Direction } from './table-rows.ts'

const limits = {
  fenceMs: {
    default: 280_000,
    unit: 'ms',
    why: 'a worker that failed tries again after five seconds, and has to catch up',
  },
  differing: { default: 1_000, unit: 'rows', why: 'more are not counted one by one' },
} as const

/** The doers of a stuck subscription: it goes on, or leaves a transaction out. */
export function subscriptionDoersOf(reach: RowsReach): readonly Doer[] {
  const act = async <T>(step: Step, { signal }: StepContext, work: (actor: Actor) => Promise<T>): Promise<T> => {
    const { target } = directionOf(step)
    const options = { signal, deadlineMs: step.deadlineMs, about: aboutRows(target) }
    return withActor(target, reach.act(target), options, work)
  }
  const look = async (step: Step, context: StepContext) =>
    act(step, context, async (actor) => lookAtSubscription(actor, textOf(step, 'name')))
  const switching = (kind: string, way: 'enable' | 'disable'): Doer => ({
    kind,
    async do(step, context) {
      await act(step, context, async (actor) => switchSubscription(actor, textOf(step, 'name'), way))
      return {}
    },
    probe: async (step, context) =>
      (await look(step, context))?.isEnabled === (way === 'enable') ? 'done' : 'not-done',
  })
  return [
    switching('subscription-enable', 'enable'),
    switching('subscription-disable', 'disable'),
    {
      kind: 'subscription-skip',
      async precondition(step, context) {
        const seen = await look(step, context)
        const name = shown(textOf(step, 'name'))
        if (!seen) return refused(step, 'subscription-unknown', `there is no subscription ${name}`)
        if (seen.skipLsn !== null && !isNone(seen.skipLsn) && seen.skipLsn !== step.input['lsn'])
          return refused(step, 'skips-another', `subscription ${name} is told already to skip ${seen.skipLsn}`)
        return null
      },
      async do(step, context) {
        const lsn = textOf(step, 'lsn')
        await act(step, context, async (actor) => skipTransaction(actor, textOf(step, 'name'), lsn))
        return { lsn }
      },
      // Once it has left the transaction out, the server forgets what it was told: to tell it again does no harm.
      probe: async (step, context) =>
        (await look(step, context))?.skipLsn === step.input['lsn'] ? 'done' : 'not-done',
    },
    {
      kind: 'subscription-skip-nothing',
      async precondition(step, context) {
        const seen = await look(step, context)
        return seen?.skipLsn === step.input['lsn']
          ? null
          : refused(step, 'skipped-already', 'the transaction has come by and was left out: repair its rows')
      },
      async do(step, context) {
        await act(step, context, async (actor) => skipTransaction(actor, textOf(step, 'name'), null))
        return {}
      },
      probe: async (step, context) => (isNone((await look(step, context))?.skipLsn ?? null) ? 'done' : 'not-done'),
    },
    {
      kind: 'subscription-catch-up',
      do: async (step, { signal }) =>
        reach.read(signal, async (links) => {
          const pair = await pairOf(links, directionOf(step))
          const options = { deadlineMs: limits.fenceMs.default, passive: reach.passiveFence, signal }
          const wait = await waitFence(pair, await takeFence(pair.source, signal), options)
          if (!wait.reached) throw behind(step, wait.why)
          return { ms: Math.round(wait.ms) }
        }),
      probe: onlyReads,
    },
    {
      kind: 'table-verify',
      do: async (step, { signal }) =>
        reach.read(signal, async (links) => {
          const pair = await pairOf(links, directionOf(step))
          const name = { schema: textOf(step, 'schema'), table: textOf(step, 'table') }
          const scope = await asPublished(pair, name, signal)
          const budget = { mostDiffering: limits.differing.default, passiveFence: reach.passiveFence }
          let [differing, verdict] = [0, 'consistent']
          for await (const chunk of compareTable(pair, scope, budget, signal)) {
            differing += chunk.differing.length
            if (chunk.verdict !== 'consistent') verdict = chunk.verdict
          }
          return { table: shownTable(name), verdict, differing }
        }),
      probe: onlyReads,
    },
  ]
}

/** It changes nothing: it may always be done again. */
const onlyReads: Doer['probe'] = () => Promise.resolve('not-done')

const isNone = (lsn: string | null): boolean => lsn === null || lsn === '0/0'

function textOf({ kind, input }: Step, name: string): string {
  const value = input[name]
  if (typeof value !== 'string') throw new Error(`step ${kind} has no ${name}`)
  return value
}

const directionOf = (step: Step): Direction => ({
  left: textOf(step, 'left'),
  right: textOf(step, 'right'),
  subscription: typeof step.input['subscription'] === 'string' ? step.input['subscription'] : null,
  target: textOf(step, 'target'),
  source: textOf(step, 'source'),
})

const refused = (step: Step, id: string, why: string): Refusal => ({
  id,
  why: `${textOf(step, 'target')}: ${why}`,
  evidence: { node: textOf(step, 'target') },
})

const behind = (step: Step, why: string): AntemortemError =>
  new AntemortemError(
    'not-caught-up',
    `subscription ${shown(textOf(step, 'name'))} does not get on: ${why}`,
    'Its log says why; plan again: another row may be in its way.',
    { exit: 4 },
  )
