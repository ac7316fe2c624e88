import { AntemortemError } from '../core/error.ts'
import { redact } from '../core/redact.ts'

/** A topology's own SQL is its author's to mend: which statement it was, and what the server said. */
export function sqlFailed(node: string, sql: string, cause: unknown): AntemortemError {
  const said = cause instanceof Error ? cause.message : String(cause)
  const start = redact(sql).replaceAll(/\s+/g, ' ').trim().slice(0, 200)
  return new AntemortemError(
    'lab-sql-failed',
    `the topology's SQL failed on ${node}: ${redact(said)}: ${start}`,
    'Correct the statement, or leave it out of the topology.',
    { cause },
  )
}
