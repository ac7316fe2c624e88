import type { NodeLink, Session } from '../engines/postgres/index.ts'

const limits = {
  statementMs: { default: 5_000, unit: 'ms', why: 'a rule that takes longer is a load, and belongs to a nightly job' },
} as const

/** The one value that a team's statement gives, as the server writes it; or why there is none. */
export interface InvariantAnswer {
  readonly value: string | null
  readonly problem: string | null
}

/** The reading session names every object by its schema; a team's statement means its tables as the role's own sessions do. */
const begin = `begin transaction read only; set local statement_timeout = ${limits.statementMs.default};
set local search_path to default`

/** As a part of another statement it can be nothing but a select, and the server writes its value as text. */
const wrapped = (sql: string): string =>
  `select answer.value::pg_catalog.text as value from (\n${sql}\n) as answer(value) limit 2`

/** Asks a team's own rule in a transaction that can write nothing. Rejects only when aborted. */
export async function askInvariant(link: NodeLink, sql: string, signal: AbortSignal): Promise<InvariantAnswer> {
  const reached = await link.reach(signal)
  if (!reached.ok) return { value: null, problem: reached.failure.message }
  const { session } = reached.reader
  const own = { signal, deadlineMs: limits.statementMs.default + 1_000 }
  const begun = await session.run({ text: begin }, own)
  if (!begun.ok) return { value: null, problem: begun.failure.message }
  try {
    return answerOf(await session.run({ text: wrapped(sql) }, own))
  } finally {
    if (!session.lost && !signal.aborted) await session.run({ text: 'rollback' }, own)
  }
}

function answerOf(answer: Awaited<ReturnType<Session['run']>>): InvariantAnswer {
  if (!answer.ok) return { value: null, problem: answer.failure.message }
  const [row] = answer.rows
  if (row === undefined) return { value: null, problem: 'it gives no row; one is expected' }
  if (answer.rows.length > 1) return { value: null, problem: 'it gives more than one row; one is expected' }
  const value: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, 'value') : null
  return { value: typeof value === 'string' ? value : null, problem: null }
}
