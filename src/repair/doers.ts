import { setTimeout as sleep } from 'node:timers/promises'
import type { Step } from '../core/plan.ts'
import {
  addToPublication,
  copyProgress,
  copyState,
  isListed,
  refreshSubscription,
  type CopyProgress,
} from '../engines/postgres/act/carry-table.ts'
import type { Doer, StepContext } from '../plans/doer.ts'
import { endsOf, lookForRows, lookToPublish, lookToRefresh, lookToSubscribe, type Ends } from './ends.ts'
import { copyFails, disabled, forgotten, notListed, unequal } from './failures.ts'
import type { Reach } from './reach.ts'
import { inputOf } from './step-input.ts'
import { undoers } from './undoers.ts'
import { alreadySubscribed } from './why-not.ts'

const limits = {
  pollMs: { default: 100, unit: 'ms', why: 'a small table is copied in a fraction of a second' },
  failures: { default: 2, unit: 'failures', why: 'one may be a restart; what fails twice fails for ever' },
} as const

/** The doers of `publish-table` and of its undo. */
export function doersOf(reach: Reach): readonly Doer[] {
  const ends = (step: Step, context: StepContext): Ends => endsOf(step, context, reach.act)
  return [
    {
      kind: 'table-look',
      async precondition(step, context) {
        const at = ends(step, context)
        return (await lookToSubscribe(at)).refused ?? lookForRows(at)
      },
      do: () => Promise.resolve({}),
      probe: onlyReads,
    },
    {
      kind: 'subscription-look',
      // Nothing is begun that could not be finished: all that the later steps need is looked at here, too.
      async precondition(step, context) {
        const at = ends(step, context)
        const { look, refused } = await lookToSubscribe(at)
        const state = look.subscription?.state
        if (typeof state === 'string') return alreadySubscribed(at.what, state)
        const publishes = context.plan.steps.some(({ kind }) => kind === 'publication-add-table')
        return refused ?? (publishes ? await lookToPublish(at) : null) ?? lookToRefresh(at, { look, refused })
      },
      do: () => Promise.resolve({}),
      probe: onlyReads,
    },
    {
      kind: 'publication-add-table',
      precondition: async (step, context) => lookToPublish(ends(step, context)),
      async do(step, context) {
        const at = ends(step, context)
        await at.publisher(async (actor) => addToPublication(actor, at.what))
        return {}
      },
      async probe(step, context) {
        const at = ends(step, context)
        return (await at.publisher(async (actor) => isListed(actor, at.what))) ? 'done' : 'not-done'
      },
    },
    {
      kind: 'subscription-refresh',
      async precondition(step, context) {
        const at = ends(step, context)
        const seen = await lookToSubscribe(at)
        // A refresh by hand between our steps did what we wanted.
        if (typeof seen.look.subscription?.state === 'string') return null
        return (await lookToRefresh(at, seen)) ?? lookForRows(at)
      },
      async do(step, context) {
        const at = ends(step, context)
        return at.subscriber(async (actor) => {
          if ((await copyState(actor, at.what)) === null) await refreshSubscription(actor, at.what)
          const state = await copyState(actor, at.what)
          if (state === null) throw notListed(at.what)
          return { srsubstate: state }
        })
      },
      async probe(step, context) {
        const at = ends(step, context)
        return (await at.subscriber(async (actor) => copyState(actor, at.what))) === null ? 'not-done' : 'done'
      },
    },
    {
      kind: 'subscription-wait',
      async do(step, context) {
        const at = ends(step, context)
        return at.subscriber(async (actor) => {
          const before = await copyProgress(actor, at.what)
          for (;;) {
            const now = await copyProgress(actor, at.what)
            if (now.state === 'r') return { srsubstate: now.state }
            if (now.state === null) throw forgotten(at.what)
            if (!now.isEnabled) throw disabled(at.what)
            const failures = failuresSince(before, now)
            if (failures >= limits.failures.default) throw copyFails(at.what, failures)
            await sleep(limits.pollMs.default, undefined, { signal: context.signal })
          }
        })
      },
      probe: onlyReads,
    },
    {
      kind: 'rows-compare',
      async do(step, { signal }) {
        const what = inputOf(step)
        const { verdict, sourceRows, nodeRows, detail } = await reach.compare(what, signal)
        if (verdict !== 'equal') throw unequal(what, verdict, detail)
        return { verdict, source_rows: sourceRows, node_rows: nodeRows }
      },
      probe: onlyReads,
    },
    ...undoers(reach, ends),
  ]
}

/** While our table is being copied, a copy that failed was another's. Without its apply worker no copy is ever finished. */
const failuresSince = (before: CopyProgress, now: CopyProgress): number =>
  now.applyErrors - before.applyErrors + (now.atWork ? 0 : now.syncErrors - before.syncErrors)

/** It changes nothing: it may always be done again. */
const onlyReads: Doer['probe'] = () => Promise.resolve('not-done')
