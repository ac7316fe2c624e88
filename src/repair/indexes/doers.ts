import { setTimeout as sleep } from 'node:timers/promises'
import { AntemortemError } from '../../core/error.ts'
import type { Refusal, Step } from '../../core/plan.ts'
import { withActor, type Actor } from '../../engines/postgres/act/actor.ts'
import { dropLeftovers, duplicates, lookAtIndex, reindex } from '../../engines/postgres/act/reindex.ts'
import { checkIndex } from '../../engines/postgres/integrity/index-check.ts'
import { readPosition, readProgress } from '../../engines/postgres/rows/wal-position.ts'
import { lsnReached } from '../../core/lsn.ts'
import type { Doer, StepContext } from '../../plans/doer.ts'
import { shownTable } from '../names.ts'
import type { TableReach } from '../tables/reach.ts'
import { textOf } from '../tables/step-input.ts'

const limits = {
  checkMs: { default: 1_790_000, unit: 'ms', why: 'a little less than the step' },
  pollMs: { default: 50, unit: 'ms', why: 'a standby is through in some milliseconds' },
} as const

const nameOf = (step: Step): { readonly schema: string; readonly index: string } => ({
  schema: textOf(step, 'schema'),
  index: textOf(step, 'index'),
})

const shownIndex = (step: Step): string => shownTable({ schema: textOf(step, 'schema'), table: textOf(step, 'index') })

/** The doers of `reindex`. */
export function reindexDoers(reach: TableReach): readonly Doer[] {
  const act = async <T>(step: Step, { signal }: StepContext, work: (actor: Actor) => Promise<T>): Promise<T> => {
    const primary = textOf(step, 'primary')
    const about = `${textOf(step, 'schema')}.${textOf(step, 'index')}`
    return withActor(primary, reach.act(primary), { signal, deadlineMs: step.deadlineMs, about }, work)
  }
  return [
    {
      kind: 'index-rebuild',
      precondition: async (step, context) => act(step, context, async (actor) => whyNot(actor, step)),
      async do(step, context) {
        return act(step, context, async (actor) => {
          try {
            await reindex(actor, nameOf(step))
          } catch (error) {
            throw await explained(actor, step, error)
          }
          return { oid: (await lookAtIndex(actor, nameOf(step))).oid }
        })
      },
      // Built concurrently, the new index is another object under the old name.
      async probe(step, context) {
        const { oid } = await act(step, context, async (actor) => lookAtIndex(actor, nameOf(step)))
        return oid !== null && oid !== textOf(step, 'oid') ? 'done' : 'not-done'
      },
    },
    {
      kind: 'index-check',
      async do(step, { signal }) {
        const node = textOf(step, 'node')
        const primary = textOf(step, 'primary')
        const statement = checkIndex(
          textOf(step, 'amcheck'),
          nameOf(step),
          step.input['method'] === 'gin' ? 'gin' : 'btree',
        )
        if (node !== primary) await caughtUp(reach, { primary, node }, signal)
        const answer = await reach.read(node, signal, async (reader) =>
          reader.run(statement, { signal, deadlineMs: limits.checkMs.default }),
        )
        if (!answer.ok)
          throw new AntemortemError(
            'index-unproven',
            `${shownIndex(step)} was not proven on ${node}: ${answer.failure.message}`,
            answer.failure.remedy,
            { exit: 4 },
          )
        return { checked: true, ms: Math.round(answer.tookMs) }
      },
      probe: () => Promise.resolve('not-done'),
    },
  ]
}

async function whyNot(actor: Actor, step: Step): Promise<Refusal | null> {
  const node = textOf(step, 'primary')
  const look = await lookAtIndex(actor, nameOf(step))
  const refusal = (id: string, why: string): Refusal => ({ id, why, evidence: { node } })
  const name = shownIndex(step)
  if (`${look.systemId}/${look.database}` !== textOf(step, 'server'))
    return refusal('other-server', `the act address of ${node} leads to another server or database than its url`)
  if (look.isInRecovery) return refusal('read-only', `${node} is a standby now: nothing can be changed there`)
  if (look.oid === null) return refusal('index-gone', `${node} has no index ${name}`)
  if (look.isCatalog)
    return refusal('catalog', `${name} belongs to the catalog: reindex system, by hand, with everybody out`)
  if (look.isExclusion || look.kind !== 'i')
    return refusal(
      'not-concurrently',
      `${name} cannot be built concurrently: reindex index ${name}, which keeps writers out meanwhile`,
    )
  return look.isOwned ? null : refusal('not-owner', `the acting role of ${node} does not own ${name}`)
}

/** Why it could not be built, and what of the attempt was taken away again. */
async function explained(actor: Actor, step: Step, error: unknown): Promise<unknown> {
  if (!(error instanceof AntemortemError)) return error
  const dropped = await dropLeftovers(actor, nameOf(step))
  const also = dropped.length === 0 ? '' : `; what it left was dropped again: ${dropped.join(', ')}`
  if (!/could not create unique index|duplicate key/.test(error.message))
    return new AntemortemError(error.code, `${error.message}${also}`, error.hint, { exit: 4, cause: error })
  const keys = await duplicates(actor, nameOf(step))
  return new AntemortemError(
    'duplicates',
    `${shownIndex(step)} is unique, and the table has keys more than once: ${keys.join(', ')}${also}`,
    'Decide which of these rows stay, then go on.',
    { exit: 4, cause: error },
  )
}

/** Until the standby shows the index as it was built. */
async function caughtUp(
  reach: TableReach,
  { primary, node }: { readonly primary: string; readonly node: string },
  signal: AbortSignal,
): Promise<void> {
  const fence = await reach.read(primary, signal, async (reader) => readPosition(reader, signal))
  await reach.read(node, signal, async (reader) => {
    for (;;) {
      const { lsn } = await readProgress(reader, { kind: 'physical' }, signal)
      if (fence === null || (lsn !== null && lsnReached(lsn, fence))) return
      await sleep(limits.pollMs.default, undefined, { signal })
    }
  })
}
