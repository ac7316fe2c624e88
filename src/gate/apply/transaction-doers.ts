import type { Refusal, Step } from '../../core/plan.ts'
import { outcomeOf } from '../../engines/postgres/act/change-outcome.ts'
import type { TimedStatement } from '../../engines/postgres/act/change-transaction.ts'
import { deleteOwnRows, dropOwnTable } from '../../engines/postgres/act/take-back.ts'
import type { Doer, Output, Probed, StepContext } from '../../plans/doer.ts'
import type { BackOrder } from '../wayback/back-order.ts'
import type { GateRecords } from './kept.ts'
import { inputOf } from './step-input.ts'
import { carryTransaction } from './transaction.ts'

export interface Acting {
  readonly act: (node: string) => string
  readonly records: GateRecords
  /** Why nothing must be begun at this moment. */
  readonly calm: (context: StepContext) => Promise<Refusal | null>
}

/** Less than the step, so that its end is seen within it. */
const marginMs = 5_000

/** A transaction of the change, and one that takes it back. Whether it was committed, its number tells. */
export function transactionDoers({ act, records, calm }: Acting): readonly Doer[] {
  const carry = async (
    step: Step,
    { plan, signal }: StepContext,
    statements: readonly TimedStatement[],
    settings: readonly string[],
  ): Promise<Output> => {
    const { node, budgetMs } = inputOf(step)
    return carryTransaction({
      node,
      url: act(node),
      settings,
      statements,
      budgetMs,
      longMs: step.deadlineMs - marginMs,
      signal,
      keep: async (own) => records.save('gate-attempt', `${plan.id}/${step.n}`, own),
    })
  }
  const probe = async (step: Step, { plan, signal }: StepContext): Promise<Probed> => {
    const own = await records.find('gate-attempt', `${plan.id}/${step.n}`)
    // What is not kept was never begun on the server.
    if (!own) return 'not-done'
    const { status } = await outcomeOf(own.body, act(own.body.node), signal)
    return status === null ? 'cannot-see' : status === 'committed' ? 'done' : 'not-done'
  }
  return [
    {
      kind: 'gate-transaction',
      precondition: async (_, context) => calm(context),
      async do(step, context) {
        const { statements, settings } = inputOf(step)
        return carry(step, context, statements(), settings())
      },
      probe,
    },
    {
      kind: 'gate-transaction-back',
      async do(step, context) {
        const back = await ordersOf(step, context, records)
        return back.length === 0 ? {} : carry(step, context, back, [])
      },
      probe,
    },
  ]
}

/** The orders of the way back as statements, with what only the run itself knew. */
async function ordersOf(step: Step, { plan }: StepContext, records: GateRecords): Promise<readonly TimedStatement[]> {
  // Those that are not taken back as well: they may have written into a table that is.
  const numbers = [...plan.steps, ...(plan.notUndone ?? [])].map(({ n }) => n)
  const found = await Promise.all(
    numbers.map(async (n) => ({ n, attempt: await records.find('gate-attempt', `${plan.undoes ?? plan.id}/${n}`) })),
  )
  const { node, orders } = inputOf(step)
  const own = found.find(({ n }) => n === step.n)?.attempt?.body
  const xids = found.flatMap(({ attempt }) => (attempt?.body.node === node ? [attempt.body.xid] : []))
  return orders().flatMap((order) =>
    statementsFor(order, { own: own?.xid, counts: own?.counts, made: own?.made, xids }),
  )
}

interface Known {
  readonly own: string | undefined
  readonly counts: readonly (number | null)[] | undefined
  readonly made: readonly string[] | undefined
  readonly xids: readonly string[]
}

/** How the statements begin that the run has noted for what the server named. */
const goneBy = { 'drop-index': 'drop index', 'drop-constraint': 'alter table' } as const

function statementsFor(order: BackOrder, { own, counts, made, xids }: Known): readonly TimedStatement[] {
  const bounded = (sql: string): TimedStatement => ({ sql, isBounded: true })
  switch (order.kind) {
    case 'sql':
      return [bounded(order.sql)]
    case 'drop-table':
      return [bounded(dropOwnTable(order.table, order.guarded ? xids : null))]
    case 'delete-rows':
      return [bounded(deleteOwnRows(order.table, own ?? '0', counts?.[order.nth] ?? 0))]
    case 'drop-index':
    case 'drop-constraint':
      return (made ?? []).filter((gone) => gone.startsWith(goneBy[order.kind])).map(bounded)
    default:
      throw new Error('settings are put back outside of a transaction')
  }
}
