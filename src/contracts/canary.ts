import { createHmac } from 'node:crypto'
import type { Statement } from '../engines/postgres/index.ts'

/** More rows than any person compares by eye; a canary without a `where` must not read a table. */
export const mostRows = 10_000

/**
 * The canary, answered as one digest a row: whatever it reads, no value of it comes over the wire. It goes as one statement
 * of the extended protocol (a value is bound), so that nothing can follow it in the same text.
 */
export const canaryStatement = (sql: string): Statement => ({
  text: `select pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(antemortem_canary_row::pg_catalog.text, 'UTF8')), 'hex') as digest
from (
${sql.replace(/[\s;]+$/, '')}
) as antemortem_canary_row limit $1`,
  values: [mostRows + 1],
})

/** Equal rows, equal digest, in whatever order they came; without the key of this process it says nothing. */
export function multisetDigest(rows: readonly string[], key: Buffer): string {
  const keyed = rows.map((row) => createHmac('sha256', key).update(row).digest('hex')).sort()
  return createHmac('sha256', key).update(keyed.join('\n')).digest('hex')
}
