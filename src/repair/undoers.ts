import type { Step } from '../core/plan.ts'
import type { Actor } from '../engines/postgres/act/actor.ts'
import {
  copyState,
  dropFromPublication,
  emptyTable,
  hasRows,
  isListed,
  refreshSubscription,
  setOffByDelete,
  type TableToCarry,
} from '../engines/postgres/act/carry-table.ts'
import { tableExists } from '../engines/postgres/act/look.ts'
import type { Doer, StepContext } from '../plans/doer.ts'
import { lookToRefresh, lookToSubscribe, type Ends } from './ends.ts'
import { rowsLeft, stillCarried } from './failures.ts'
import type { Reach } from './reach.ts'

/** The doers that take `publish-table` back. What is gone already is not an error: it is what was wanted. */
export const undoers = (reach: Reach, ends: (step: Step, context: StepContext) => Ends): readonly Doer[] => [
  {
    kind: 'rows-look',
    // Once the table is not carried any more, the publisher's next write makes them differ.
    async do(step, context) {
      const { verdict, detail, sourceRows, nodeRows } = await reach.compare(ends(step, context).what, context.signal)
      return { verdict, detail, source_rows: sourceRows, node_rows: nodeRows }
    },
    probe: () => Promise.resolve('not-done'),
  },
  {
    kind: 'publication-drop-table',
    async do(step, context) {
      const at = ends(step, context)
      return at.publisher(async (actor) => {
        const listed = await isListed(actor, at.what)
        if (listed) await dropFromPublication(actor, at.what)
        return { was_listed: listed }
      })
    },
    async probe(step, context) {
      const at = ends(step, context)
      return (await at.publisher(async (actor) => isListed(actor, at.what))) ? 'not-done' : 'done'
    },
  },
  {
    kind: 'subscription-forget',
    async precondition(step, context) {
      const at = ends(step, context)
      const seen = await lookToSubscribe(at)
      // It never came so far: whatever kept it from being refreshed must not keep it from being taken back.
      return seen.look.subscription?.state == null ? null : lookToRefresh(at, seen)
    },
    async do(step, context) {
      const at = ends(step, context)
      return at.subscriber(async (actor) => {
        const was = await copyState(actor, at.what)
        if (was !== null) await refreshSubscription(actor, at.what)
        if ((await copyState(actor, at.what)) !== null) throw stillCarried(at.what)
        return { was }
      })
    },
    async probe(step, context) {
      const at = ends(step, context)
      return (await at.subscriber(async (actor) => copyState(actor, at.what))) === null ? 'done' : 'not-done'
    },
  },
  {
    kind: 'table-empty',
    async do(step, context) {
      const at = ends(step, context)
      if (!(await at.subscriber(async (actor) => isFilled(actor, at.what)))) return { rows: 0 }
      const verdict = seenEqual(context) ? 'equal' : (await reach.compare(at.what, context.signal)).verdict
      return at.subscriber(async (actor) => {
        if ((await copyState(actor, at.what)) !== null) throw stillCarried(at.what)
        const why = whyLeft(verdict, at.what.publisher, await setOffByDelete(actor, at.what))
        if (why !== null) throw rowsLeft(at.what, why)
        await emptyTable(actor, at.what)
        return { rows: 0 }
      })
    },
    async probe(step, context) {
      const at = ends(step, context)
      return (await at.subscriber(async (actor) => isFilled(actor, at.what))) ? 'not-done' : 'done'
    },
  },
]

/** Dropped meanwhile, it has no rows either. */
const isFilled = async (actor: Actor, what: TableToCarry): Promise<boolean> =>
  (await tableExists(actor, what.schema, what.table)) && hasRows(actor, what)

/** While the table was still carried. */
function seenEqual({ plan, outputs }: StepContext): boolean {
  const look = plan.steps.find(({ kind }) => kind === 'rows-look')
  return look !== undefined && outputs.get(look.n)?.['verdict'] === 'equal'
}

/** Only rows that the publisher was seen to have as well may go, and only if nothing else goes with them. */
function whyLeft(verdict: string, publisher: string, setOff: readonly string[]): string | null {
  if (verdict !== 'equal')
    return `they were not seen to be equal to those of ${publisher} (${verdict}), and may be somebody's own`
  return setOff.length === 0 ? null : `to delete them would set off ${setOff.join(', ')}`
}
