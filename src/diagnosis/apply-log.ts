import type { Case } from '../core/diagnosis.ts'
import type { LogEntryFact } from '../core/facts/cluster.ts'
import { errorsOn, type IsSuch } from './log-errors.ts'
import { factOf, nodeOf } from './look.ts'

/** What a subscriber's log says of a change that could not be applied: the first word of it, seconds before any counter. */
export interface ApplyError {
  readonly entry: LogEntryFact
  readonly code: string
  /** null where the line names none. */
  readonly schema: string | null
  readonly table: string | null
  /** Constraint or unique index. */
  readonly constraint: string | null
}

/**
 * Lines of the apply worker: `processing remote data for replication origin "pg_16396" … target relation "public.orders"` in
 * CONTEXT, or a message about a target relation. Without an error such a CONTEXT is normal.
 */
export const applyErrors = (c: Case, node: string, withinMs?: number): readonly ApplyError[] =>
  errorsOn(c, node, isOfApply, withinMs).flatMap((entry) => {
    const texts = [entry.context, entry.message].map((text) => text ?? '')
    const [, schema = null, table = null] =
      texts.map((text) => /relation "([^".]+)\.([^"]+)"/.exec(text)).find((found) => found !== null) ?? []
    const named = /(?:constraint|unique index) "([^"]+)"/
    const constraint = named.exec(entry.message)?.[1] ?? named.exec(entry.detail ?? '')?.[1] ?? null
    return entry.code === null ? [] : [{ entry, code: entry.code, schema, table, constraint }]
  })

export const isOfApply = ({ context, message, role }: LogEntryFact): boolean =>
  role === null && (/processing remote data/.test(context ?? '') || /logical replication target relation/.test(message))

/** Does this subscription bring the table of the error? Yes too where it names none, or only one subscription is there. */
export function isOfSubscription(c: Case, node: string, name: string, { schema, table }: ApplyError): boolean {
  const view = nodeOf(c, node)
  const subscriptions = (view && factOf(view, 'subscriptions')) ?? []
  if (subscriptions.length < 2 || table === null) return true
  return subscriptions.some(
    (one) => one.name === name && one.tables.some((each) => each.schema === schema && each.name === table),
  )
}

/** The row stands in its way, or a right is missing: not the disk, not the connection, not a lock. */
export const isRefusal = ({ code }: ApplyError): boolean => /^(?:22|23|42|44|P0)/.test(code)

/** Its worker does not get into its publisher: lines of a worker that name this subscription, or none. */
export const isConnecting =
  (subscription: string): IsSuch =>
  ({ role, message }) =>
    role === null &&
    /could not connect to the publisher/.test(message) &&
    (!message.includes('subscription "') || message.includes(`"${subscription}"`))
