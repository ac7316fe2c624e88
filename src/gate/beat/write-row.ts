import type { UsableTarget } from '../../contracts/targets.ts'
import { AntemortemError } from '../../core/error.ts'
import { outcomeOfCanary, writeCanaryRow, type CanaryRow } from '../../engines/postgres/act/canary-row.ts'
import type { OwnTransaction } from '../../engines/postgres/act/change-outcome.ts'
import type { LinkFailure } from '../../engines/postgres/index.ts'
import type { Written } from './beat.ts'
import { openFirst, openOwn } from './own-connections.ts'

/** By the application's own way. A commit without an answer is looked up, by another session of the same login. */
export async function writeRow(
  row: CanaryRow,
  {
    targets,
    node,
    signal,
  }: { readonly targets: readonly UsableTarget[]; readonly node: string; readonly signal: AbortSignal },
): Promise<Written> {
  const opened = await openFirst(targets, signal)
  if ('why' in opened) return { state: 'not-connected', why: opened.why }
  const { session, target } = opened
  try {
    const answer = await writeCanaryRow(session, row, signal)
    if (answer.ok) return { state: 'written', isConfirmed: true }
    return answer.own === null
      ? refused(answer.failure, target, row)
      : await lookUp({ ...answer.own, node }, answer.failure, target, signal)
  } finally {
    await session.close()
  }
}

async function lookUp(
  own: OwnTransaction,
  { message }: LinkFailure,
  target: UsableTarget,
  signal: AbortSignal,
): Promise<Written> {
  const opened = await openOwn(target, signal)
  if (!opened.ok) return { state: 'unknown', why: `${message}; then ${opened.failure.message}` }
  try {
    const { status } = await outcomeOfCanary(opened.session, own, signal)
    if (status === 'committed') return { state: 'written', isConfirmed: false }
    return status === 'aborted'
      ? { state: 'refused', why: message, code: null, remedy: 'Run the same command again.' }
      : { state: 'unknown', why: message }
  } catch (error) {
    if (error instanceof AntemortemError) return { state: 'unknown', why: `${message}; then ${error.message}` }
    throw error
  } finally {
    await opened.session.close()
  }
}

function refused({ message, code }: LinkFailure, { settings: { user } }: UsableTarget, row: CanaryRow): Written {
  return { state: 'refused', why: message, code, remedy: remedies[code ?? '']?.(user, row) ?? byHand(user, row) }
}

const nameOf = ({ schema, table }: CanaryRow): string => `${schema}.${table}`

const byHand = (user: string, row: CanaryRow): string =>
  `Write a row into ${nameOf(row)} by hand as ${user}: its error is the evidence.`

const remedies: Readonly<Record<string, (user: string, row: CanaryRow) => string>> = {
  '42501': (user, row) => `grant select, insert, update on ${nameOf(row)} to ${user};`,
  '25006': (user) =>
    `Look at default_transaction_read_only of ${user} and its database, and whether this is a standby.`,
  '55P03': (_, row) =>
    `See who holds the row of ${nameOf(row)}: select pid, pg_blocking_pids(pid) from pg_stat_activity where wait_event_type = 'Lock'.`,
}
