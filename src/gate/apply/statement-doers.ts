import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { AntemortemError } from '../../core/error.ts'
import type { Step } from '../../core/plan.ts'
import { changeRefused, openChangeSession } from '../../engines/postgres/act/change-session.ts'
import { endOwnSessions } from '../../engines/postgres/act/end-own.ts'
import { putSettingsBack } from '../../engines/postgres/act/server-settings.ts'
import { connectionOrder } from '../../engines/postgres/act/subscription-connection.ts'
import type { Session } from '../../engines/postgres/index.ts'
import type { Doer, Output, StepContext } from '../../plans/doer.ts'
import { connectionName, keptText } from './connection-doers.ts'
import { inputOf } from './step-input.ts'
import { setAll } from './transaction.ts'
import type { Acting } from './transaction-doers.ts'

const limits = {
  attempts: { default: 10, unit: 'attempts', why: 'with their pauses half a minute: then the table is too busy' },
  pauseMs: { default: 1_000, unit: 'ms', why: 'writers that queued behind the attempt get through meanwhile' },
  lockMs: { default: 1_000, unit: 'ms', why: 'as long as writers may wait behind a lock that is waited for' },
  lookMs: { default: 5_000, unit: 'ms', why: 'one look into the catalog' },
  marginMs: { default: 5_000, unit: 'ms', why: 'the server ends the statement before the step is given up' },
} as const

/** Statements that refuse a transaction block: there is nothing but the catalog to tell whether one was done. */
export function statementDoers({ act, records, calm }: Acting): readonly Doer[] {
  const within = async <T>(node: string, signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> => {
    const session = await openChangeSession(node, act(node), signal)
    try {
      return await work(session)
    } finally {
      await session.close()
    }
  }
  const isDone = async (step: Step, session: Session, signal: AbortSignal): Promise<boolean | null> => {
    const { node, done } = inputOf(step)
    if (done === null) return null
    const answer = await session.run({ text: done }, { signal, deadlineMs: limits.lookMs.default })
    if (!answer.ok) throw changeRefused(node, answer.failure)
    const [row] = answer.rows
    return Object.values(Object(row)).includes(true)
  }
  return [
    {
      kind: 'gate-statement',
      async precondition(step, context) {
        const { node } = inputOf(step)
        const isThere = await within(node, context.signal, async (session) => isDone(step, session, context.signal))
        if (isThere === true)
          return {
            id: 'already-there',
            why: `${node} has it already: it was not made by this change`,
            evidence: { node },
          }
        return calm(context)
      },
      async do(step, context) {
        const { node } = inputOf(step)
        const name = `${context.plan.id}/${step.n}`
        const earlier = await records.find('gate-attempt', name)
        return within(node, context.signal, async (session) => {
          await records.save('gate-attempt', name, { node, xid: '0', pid: session.pid, counts: [], made: [] })
          return runAlone(step, session, context, earlier !== null)
        })
      },
      async probe(step, { signal }) {
        const { node } = inputOf(step)
        return within(node, signal, async (session) => {
          // Nobody waits for an attempt of a process that died; while it runs the catalog says nothing.
          await endOwnSessions(session, node, signal)
          const done = await isDone(step, session, signal)
          return done === null ? 'cannot-see' : done ? 'done' : 'not-done'
        })
      },
    },
    {
      kind: 'gate-statement-back',
      async do(step, { plan, signal }) {
        const { node, orders } = inputOf(step)
        return within(node, signal, async (session) => {
          for (const order of orders()) {
            if (order.kind === 'sql') await orderAlone(session, step, order.sql, signal)
            if (order.kind !== 'connection') continue
            const { subscription } = order
            const kept = await records.find(
              'gate-connection',
              connectionName(plan.undoes ?? plan.id, node, subscription),
            )
            if (!kept) throw notKept(`the connection string of subscription ${subscription} on ${node}`)
            await orderAlone(session, step, connectionOrder(subscription, keptText(kept.body)), signal)
          }
          return {}
        })
      },
      // Each of them may be repeated.
      probe: () => Promise.resolve('not-done'),
    },
    {
      kind: 'gate-settings-back',
      async do(step, { plan, signal }) {
        const { node, orders } = inputOf(step)
        const kept = await records.find('gate-settings', `${plan.undoes ?? plan.id}/${node}`)
        if (!kept) throw notKept(`what postgresql.auto.conf of ${node} said`)
        const settings = z.record(z.string(), z.string()).parse(JSON.parse(keptText(kept.body)))
        const names = orders().flatMap((order) => (order.kind === 'setting' ? [order.name] : []))
        await putSettingsBack({ node, url: act(node), names, kept: settings }, signal)
        return { settings: names.length }
      },
      probe: () => Promise.resolve('not-done'),
    },
  ]
}

const notKept = (what: string): AntemortemError =>
  new AntemortemError('settings-not-kept', `${what} was not kept`, 'Set it back by hand.', { exit: 4 })

async function runAlone(step: Step, session: Session, { signal }: StepContext, wasTried: boolean): Promise<Output> {
  const { node, sql, isBounded, budgetMs, settings, clear } = inputOf(step)
  const longMs = step.deadlineMs - limits.marginMs.default
  await setAll(session, node, settings(), signal)
  await setAll(
    session,
    node,
    isBounded
      ? [`set lock_timeout = ${Math.ceil(budgetMs / 2)}`, `set statement_timeout = ${Math.ceil(budgetMs * 0.9)}`]
      : ['set lock_timeout = 0', `set statement_timeout = ${longMs}`],
    signal,
  )
  for (let attempt = 1; ; attempt += 1) {
    // What an attempt of ours left half-made.
    if (clear !== null && (wasTried || attempt > 1)) await orderAlone(session, step, clear, signal)
    const answer = await session.run({ text: sql() }, { signal, deadlineMs: (isBounded ? budgetMs : longMs) + 1_000 })
    if (answer.ok) return { attempts: attempt }
    if (answer.failure.code !== '55P03' || attempt >= limits.attempts.default) throw changeRefused(node, answer.failure)
    await sleep(limits.pauseMs.default * attempt, undefined, { signal })
  }
}

async function orderAlone(session: Session, step: Step, text: string, signal: AbortSignal): Promise<void> {
  const deadlineMs = step.deadlineMs - limits.marginMs.default
  // What is built or dropped beside the writers waits for old transactions, and nobody waits for it.
  const lockMs = /^\w+(?: unique)? index concurrently /i.test(text) ? 0 : limits.lockMs.default
  const set = await session.run(
    { text: `set statement_timeout = ${deadlineMs}; set lock_timeout = ${lockMs}` },
    { signal, deadlineMs: limits.lookMs.default },
  )
  const answer = set.ok ? await session.run({ text }, { signal, deadlineMs }) : set
  if (!answer.ok) throw changeRefused(step.node ?? '', answer.failure)
}
