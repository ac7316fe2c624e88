import { onlyRead, type Plan, type Refusal, type Step } from '../../core/plan.ts'
import { subject } from '../../core/subject.ts'
import type { RowChange } from '../../engines/postgres/act/exchange-rows.ts'
import type { TargetLook } from '../../engines/postgres/act/repair-look.ts'
import type { SubscriptionLook } from '../../engines/postgres/act/subscription.ts'
import type { KeyedTable } from '../../engines/postgres/rows/row-images.ts'
import { shown, shownTable } from '../names.ts'
import { batchInput } from './batch.ts'
import { fingerprintOf, validForMs } from './plan.ts'
import type { ApplyFailure } from './stuck.ts'
import type { Direction } from './table-rows.ts'

/** A subscription that does not get past one transaction, and what stands in its way. */
export interface StuckSubscription {
  readonly failure: ApplyFailure
  readonly direction: Direction
  readonly subscription: SubscriptionLook
  readonly target: TargetLook
  /** The table of the change, by its key on the subscriber; null where it is not known. */
  readonly table: KeyedTable | null
  /** Rows of the subscriber that hold what the change wants to write; they go, and come back from the publisher. */
  readonly inTheWay: readonly RowChange[]
  /** Why these were not found. */
  readonly notFound: string | null
  /** Tables that this transaction is known to have written, of those that the subscription carries. */
  readonly touched: readonly string[]
}

export interface StuckOptions {
  readonly id: string
  readonly cluster: string
  readonly atMs: number
  readonly digest: (text: string) => string
  readonly stuck: StuckSubscription
}

type Draft = Omit<Step, 'n'>

/** Takes the row out of the way: nothing of the transaction is lost. */
export function planToMend({ stuck, ...options }: StuckOptions): Plan {
  const { direction, inTheWay, table } = stuck
  const { target, source } = direction
  const refusals = stuck.notFound === null ? [] : [refusal('row-not-found', stuck.notFound, stuck)]
  const name = table ? shownTable(table) : ''
  const { rows: _, ...scope } = inputOf(stuck)
  const drafts: readonly Draft[] =
    refusals.length > 0
      ? []
      : [
          {
            kind: 'rows-clear',
            words: `${name}: keep a copy of ${inTheWay.length} ${inTheWay.length === 1 ? 'row' : 'rows'} (${inTheWay.map(({ key }) => key.join(', ')).join('; ')}) and delete ${inTheWay.length === 1 ? 'it' : 'them'}: ${source} sends its own`,
            node: target,
            input: inputOf(stuck),
            idempotent: 'check-first',
            deadlineMs: 60_000,
            undo: {
              step: {
                kind: 'rows-put-back',
                words: `${name}: put back what was deleted, while nothing is in its place`,
                node: target,
                input: scope,
                deadlineMs: 60_000,
              },
            },
          },
          ...goingOn(stuck),
          {
            kind: 'rows-prove',
            words: `${name}: compare these rows of ${direction.left} and ${direction.right}, behind a fence`,
            node: target,
            input: scope,
            idempotent: 'yes',
            deadlineMs: 180_000,
            undo: { none: onlyRead },
          },
        ]
  return planOf(options, stuck, 'mend-subscription', drafts, refusals)
}

function inputOf({ direction, table, target, subscription, inTheWay }: StuckSubscription): Step['input'] {
  if (!table) return {}
  return {
    ...batchInput({
      ...direction,
      ...table,
      server: `${target.systemId}/${target.database}`,
      mode: { isReplica: target.mayReplicate, hasOrigin: target.mayOriginate, replaces: false },
      rows: inTheWay,
    }),
    name: subscription.name,
  }
}

/** Leaves the transaction out. It is never offered without the tables that must be compared because of it. */
export function planToSkip({ stuck, ...options }: StuckOptions): Plan {
  const { direction, subscription, failure } = stuck
  const name = shown(subscription.name)
  const refusals = whyNotSkip(stuck)
  const drafts: readonly Draft[] =
    refusals.length > 0 || failure.lsn === null
      ? []
      : [
          {
            kind: 'subscription-skip',
            words: `alter subscription ${name} skip (lsn = '${failure.lsn}'): all of transaction ${failure.xid} of ${direction.source} is left out, not only the row that it fails on`,
            node: direction.target,
            input: { ...direction, name: subscription.name, lsn: failure.lsn },
            idempotent: 'check-first',
            deadlineMs: 30_000,
            undo: {
              step: {
                kind: 'subscription-skip-nothing',
                words: `alter subscription ${name} skip (lsn = none), if the transaction has not come by yet`,
                node: direction.target,
                input: { ...direction, name: subscription.name, lsn: failure.lsn },
                deadlineMs: 30_000,
              },
            },
          },
          ...goingOn(stuck),
          ...[...subscription.tables]
            .sort(
              (a, b) => Number(stuck.touched.includes(shownTable(b))) - Number(stuck.touched.includes(shownTable(a))),
            )
            .map((table): Draft => ({
              kind: 'table-verify',
              words: `${shownTable(table)}${stuck.touched.includes(shownTable(table)) ? ', which this transaction wrote' : ''}: compare it with ${direction.source}, and say what is missing now`,
              node: direction.target,
              input: { ...direction, ...table },
              idempotent: 'yes',
              deadlineMs: 1_800_000,
              undo: { none: onlyRead },
            })),
        ]
  return planOf(options, stuck, 'skip-transaction', drafts, refusals)
}

function goingOn({ direction, subscription }: StuckSubscription): readonly Draft[] {
  const name = shown(subscription.name)
  const input = { ...direction, name: subscription.name }
  const enable: Draft = {
    kind: 'subscription-enable',
    words: `alter subscription ${name} enable`,
    node: direction.target,
    input,
    idempotent: 'check-first',
    deadlineMs: 30_000,
    undo: {
      step: {
        kind: 'subscription-disable',
        words: `alter subscription ${name} disable`,
        node: direction.target,
        input,
        deadlineMs: 30_000,
      },
    },
  }
  const wait: Draft = {
    kind: 'subscription-catch-up',
    words: `wait until ${name} has applied what ${direction.source} has committed`,
    node: direction.target,
    input,
    idempotent: 'yes',
    deadlineMs: 300_000,
    undo: { none: 'it only waited' },
  }
  return subscription.isEnabled ? [wait] : [enable, wait]
}

function whyNotSkip(stuck: StuckSubscription): readonly Refusal[] {
  const { failure, subscription, direction } = stuck
  const name = shown(subscription.name)
  if (failure.lsn === null || subscription.skipLsn === null)
    return [
      refusal(
        'cannot-skip',
        `${direction.target} cannot skip one transaction (15 and later can): by hand, with ${name} disabled, pg_replication_origin_advance('pg_${failure.subscriptionOid}', the position behind it)`,
        stuck,
      ),
    ]
  if (!subscription.isSuperuser)
    return [
      refusal(
        'not-allowed',
        `${direction.target}: only a superuser may skip a transaction; ${stuck.target.role} is none`,
        stuck,
      ),
    ]
  return []
}

const refusal = (id: string, why: string, { failure, direction, subscription }: StuckSubscription): Refusal => ({
  id,
  why,
  evidence: {
    node: direction.target,
    subscription: subscription.name,
    finished_at: failure.lsn,
    transaction: failure.xid,
  },
})

function planOf(
  { id, cluster, atMs, digest }: Omit<StuckOptions, 'stuck'>,
  { direction }: StuckSubscription,
  kind: string,
  drafts: readonly Draft[],
  refusals: readonly Refusal[],
): Plan {
  const steps = drafts.map((draft, index) => ({ ...draft, n: index + 1 }))
  return {
    id,
    kind,
    subject: subject.node(direction.target),
    cluster,
    basis: {
      fingerprint: fingerprintOf(steps, digest),
      atMs,
      expiresMs: atMs + validForMs,
    },
    steps,
    refusals,
  }
}
