import { z } from 'zod'
import type { Answer, Session } from '../session.ts'

/** A statement of a change, and whether it keeps others from writing while it waits or runs. */
export interface TimedStatement {
  readonly sql: string
  readonly isBounded: boolean
  /** What gets its name from the server: look which. */
  readonly makes?: 'index' | 'constraint'
  /** How many rows it wrote is needed to take it back. */
  readonly isCounted?: boolean
}

export interface TransactionOptions {
  /** Nobody waits longer for what the transaction locks. */
  readonly budgetMs: number
  /** For all that locks nobody out. */
  readonly longMs: number
  readonly signal: AbortSignal
  /** Its number, before the first statement: whoever has it can look later what became of it. */
  readonly begun: (xid: string) => Promise<void>
  /** What is needed to take it back, before the commit; not called where nothing is. */
  readonly ready: (counts: readonly (number | null)[], made: readonly string[]) => Promise<void>
}

/** How one attempt went. Only `committed` and `unknown` can have left something behind. */
export type Attempt =
  | { readonly outcome: 'committed' }
  /** A lock was not to be had in time, a deadlock was broken, or we were held up ourselves: another attempt may pass. */
  | { readonly outcome: 'waited'; readonly message: string }
  /** It held its locks as long as the budget allows. */
  | { readonly outcome: 'too-long'; readonly at: number; readonly message: string }
  | { readonly outcome: 'refused'; readonly at: number; readonly code: string | null; readonly message: string }
  /** The answer to the commit never came. */
  | { readonly outcome: 'unknown'; readonly message: string }

/** Shares of the budget: waiting for a lock, then until the last statement has ended; the rest is for the commit. */
const shares = { lock: 0.5, statements: 0.8 } as const

const limits = {
  answerMs: { default: 500, unit: 'ms', why: 'the way of an answer after the server has ended a statement' },
  commitMs: { default: 10_000, unit: 'ms', why: 'a commit for which nobody waits may wait for a slow disk' },
  leastCommitMs: { default: 150, unit: 'ms', why: 'one write to the disk; the statements before it got less for it' },
} as const

const xidRow = z.object({ xid: z.string() })
const goneRow = z.object({ gone: z.string() })

/** 25P03: it was held up itself, and the server has ended its session; the next attempt has another. */
const waited = new Set(['55P03', '40P01', '40001', '25P03'])

/**
 * One attempt of one transaction. From the first statement that locks others out, the whole of it has the budget, the commit
 * included.
 */
export async function attemptTransaction(
  session: Session,
  statements: readonly TimedStatement[],
  { budgetMs, longMs, signal, begun, ready }: TransactionOptions,
): Promise<Attempt> {
  const ask = async (text: string, deadlineMs: number): Promise<Answer> => session.run({ text }, { signal, deadlineMs })
  const begin = await ask('begin; select pg_catalog.txid_current()::text as xid', limits.commitMs.default)
  if (!begin.ok) return refused(0, begin)
  const { xid } = xidRow.parse(begin.rows[0])
  await begun(xid)
  const counts: (number | null)[] = []
  const made: string[] = []
  let sinceMs: number | null = null
  for (const [at, { sql, isBounded, makes }] of statements.entries()) {
    if (isBounded) sinceMs ??= performance.now()
    const leftMs = sinceMs === null ? longMs : budgetMs * shares.statements - (performance.now() - sinceMs)
    if (leftMs <= 0) {
      await ask('rollback', limits.commitMs.default)
      return { outcome: 'too-long', at, message: 'its statements before this one took the whole budget' }
    }
    // 0 would mean for ever.
    const lockMs = Math.max(1, Math.floor(Math.min(leftMs, budgetMs * shares.lock)))
    const set = await ask(
      [
        `set local lock_timeout = ${lockMs}; set local statement_timeout = ${Math.max(1, Math.floor(leftMs))}`,
        // Should this process be stopped, or its way to the server be cut, while others wait for what is locked.
        ...(sinceMs === null ? [] : [`set local idle_in_transaction_session_timeout = ${Math.ceil(leftMs)}`]),
      ].join('; '),
      limits.answerMs.default,
    )
    const answer = set.ok ? await ask(sql, leftMs + limits.answerMs.default) : set
    if (!answer.ok) {
      // Its session may be gone, and with it the transaction.
      await ask('rollback', limits.answerMs.default)
      return failed(at, answer, sinceMs !== null)
    }
    counts.push(answer.count ?? null)
    const newest = makes === undefined ? null : await ask(newestMade[makes](xid), limits.answerMs.default)
    if (newest?.ok)
      made.push(
        ...z
          .array(goneRow)
          .parse(newest.rows)
          .map(({ gone }) => gone),
      )
  }
  if (statements.some(({ makes, isCounted }) => makes !== undefined || isCounted === true)) await ready(counts, made)
  const leftMs =
    sinceMs === null
      ? limits.commitMs.default
      : Math.max(limits.leastCommitMs.default, budgetMs - (performance.now() - sinceMs))
  const commit = await ask('commit', leftMs)
  if (commit.ok) return { outcome: 'committed' }
  const { code, message } = commit.failure
  if (code === '25P03') return { outcome: 'waited', message }
  // With an SQLSTATE the server has said no; without one (`EPIPE` is none), or when it was going down, nobody knows.
  return /^(?=.*\d)[0-9A-Z]{5}$/.test(code ?? '') && code?.startsWith('57P') !== true
    ? { outcome: 'refused', at: statements.length - 1, code, message }
    : { outcome: 'unknown', message }
}

const refused = (at: number, answer: Extract<Answer, { ok: false }>): Attempt => {
  const { code, message } = answer.failure
  return { outcome: 'refused', at, code, message }
}

function failed(at: number, answer: Extract<Answer, { ok: false }>, isBounded: boolean): Attempt {
  const { code, message } = answer.failure
  if (waited.has(code ?? '')) return { outcome: 'waited', message }
  if (isBounded && (code === '57014' || code === 'CLIENT_DEADLINE')) return { outcome: 'too-long', at, message }
  return refused(at, answer)
}

/** Rows of the catalog bear the transaction that made them, as its lower 32 bits; each as the statement that makes it go. */
const newestMade = {
  index: (xid: string): string =>
    `select pg_catalog.format('drop index if exists %I.%I', n.nspname, c.relname) as gone
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('i', 'I') and c.xmin = (${xid}::bigint % 4294967296)::text::xid
    order by c.oid desc limit 1`,
  constraint: (xid: string): string =>
    `select pg_catalog.format('alter table %s drop constraint if exists %I', c.conrelid::pg_catalog.regclass, c.conname) as gone
    from pg_catalog.pg_constraint c
    where c.contype in ('c', 'u', 'f', 'x') and c.conrelid <> 0 and c.conparentid = 0
      and c.xmin = (${xid}::bigint % 4294967296)::text::xid
    order by c.oid desc limit 1`,
} as const
