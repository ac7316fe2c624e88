import type { LogEntryFact } from '../../core/facts/cluster.ts'

/** What the log of a subscriber says of a change that its apply worker fails on. */
export interface ApplyFailure {
  readonly node: string
  /** `pg_subscription.oid`, which is the number in the name of its replication origin. */
  readonly subscriptionOid: number
  readonly operation: string
  readonly schema: string | null
  readonly table: string | null
  /** Of the publisher. */
  readonly xid: number
  /** Where the transaction ends: what SKIP wants to be told. null before 15. */
  readonly lsn: string | null
  /** Unique indexes that a row there stands in the way of. */
  readonly indexes: readonly string[]
  readonly code: string | null
  readonly message: string
  readonly atMs: number
}

const contextOf =
  /processing remote data for replication origin "pg_(\d+)" during (?:message type )?"(\w+)"(?: for replication target relation "([^".]+)\.([^"]+)")?(?: column "[^"]*")?(?: in transaction (\d+))?(?:,? finished at ([0-9A-F]+\/[0-9A-F]+))?/

/** The last failure of each subscription of a node, as far as its log tells. Row values are masked in it. */
export function applyFailures(entries: readonly LogEntryFact[], node: string): readonly ApplyFailure[] {
  const found = new Map<number, ApplyFailure>()
  for (const entry of entries) {
    if (entry.node !== node || entry.severity !== 'ERROR') continue
    const failure = failureOf(entry)
    const before = failure && found.get(failure.subscriptionOid)
    if (failure && (!before || before.atMs <= failure.atMs)) found.set(failure.subscriptionOid, failure)
  }
  return [...found.values()]
}

function failureOf(entry: LogEntryFact): ApplyFailure | null {
  const [, oid, operation = '', schema = null, table = null, xid, lsn = null] =
    contextOf.exec(entry.context ?? '') ?? []
  if (oid === undefined || xid === undefined) return null
  const texts = `${entry.message}\n${entry.detail ?? ''}`
  const named = [...texts.matchAll(/(?:unique constraint|unique index) "([^"]+)"/g)].flatMap(([, name]) => name ?? [])
  return {
    node: entry.node,
    subscriptionOid: Number(oid),
    operation,
    schema,
    table,
    xid: Number(xid),
    lsn,
    indexes: [...new Set(named)],
    code: entry.code,
    message: entry.message,
    atMs: entry.lastMs,
  }
}
