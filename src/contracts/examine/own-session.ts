import { isPooled, openSession, type LinkFailure, type Opened, type Session } from '../../engines/postgres/index.ts'
import { askPoolerLimits, type PoolerLimits } from '../../engines/postgres/logins/pooler-limits.ts'
import { ownViewStatement, readOwnView, type OwnView } from '../../engines/postgres/logins/own-view.ts'
import type { ConnectionSettings } from '../connection-settings.ts'

const applicationName = 'antemortem-contract'

const limits = {
  statementMs: {
    default: 5_000,
    unit: 'ms',
    why: 'the catalog of ten thousand tables answers in less than one second',
  },
} as const

/** One more session, as the application opens them. */
export const openLike = async (settings: ConnectionSettings, signal: AbortSignal): Promise<Opened> =>
  openSession(settings.address(), { applicationName, signal, deadlineMs: settings.pool.connectTimeoutMs })

export type Around =
  | { readonly ok: true; readonly view: OwnView; readonly isPooled: boolean }
  | { readonly ok: false; readonly why: string }

/** What a new session of the application sees around it. */
export async function lookAround(
  settings: ConnectionSettings,
  tables: readonly string[],
  signal: AbortSignal,
): Promise<Around> {
  const opened = await openLike(settings, signal)
  if (!opened.ok) return { ok: false, why: opened.failure.message }
  const { session } = opened
  const asking = { signal, deadlineMs: limits.statementMs.default + 500 }
  try {
    const pooled = await isPooled(session, asking)
    // As the application begins one: whether it may write is what is asked. Behind a pooler a setting must end with it.
    await session.run(
      { text: `begin; set local statement_timeout = ${limits.statementMs.default}; set local lock_timeout = 250` },
      asking,
    )
    const answer = await session.run(ownViewStatement(tables), asking)
    if (!answer.ok) return { ok: false, why: answer.failure.message }
    const view = readOwnView(answer.rows)
    return view ? { ok: true, view, isPooled: pooled } : { ok: false, why: 'the answer is not that of PostgreSQL' }
  } finally {
    await leave(session, signal)
  }
}

async function leave(session: Session, signal: AbortSignal): Promise<void> {
  if (session.lost === null) await session.run({ text: 'rollback' }, { signal, deadlineMs: 500 })
  await session.close()
}

/** The pooler's own words on its limits, where it gives them to this login. */
export const limitsOfPooler = async (settings: ConnectionSettings, signal: AbortSignal): Promise<PoolerLimits | null> =>
  askPoolerLimits(settings.address(), { applicationName, signal, deadlineMs: settings.pool.connectTimeoutMs })

/** So many sessions at once, each with an answer, and all closed again; or what the first one that failed said. */
export async function openAtOnce(
  settings: ConnectionSettings,
  count: number,
  signal: AbortSignal,
): Promise<{ readonly ms: number; readonly failure: LinkFailure | null; readonly opened: number }> {
  const startedAt = performance.now()
  const all = await Promise.all(Array.from({ length: count }, async () => openLike(settings, signal)))
  try {
    const asking = { signal, deadlineMs: settings.pool.queryTimeoutMs }
    const text = `begin read only; set local statement_timeout = ${limits.statementMs.default}; select 1; commit`
    const answers = await Promise.all(
      all.map(async (opened) => (opened.ok ? opened.session.run({ text }, asking) : opened)),
    )
    const ms = performance.now() - startedAt
    const failed = answers.filter((answer) => !answer.ok)
    return { ms, failure: failed[0]?.failure ?? null, opened: count - failed.length }
  } finally {
    await Promise.all(all.map(async (opened) => (opened.ok ? opened.session.close() : undefined)))
  }
}
