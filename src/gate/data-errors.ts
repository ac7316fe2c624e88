import type { StatementResult } from './rehearsal.ts'

/** Statements that judge rows which are there already. */
const overRows = new Set(['AlterTableStmt', 'IndexStmt', 'UpdateStmt', 'CreateTableAsStmt', 'RefreshMatViewStmt'])

/**
 * Did made-up rows stop the statement, where production's might not? A reference finds no counterpart (23503) or a key is
 * taken (23505) by accident; any other value is wrong by itself, unless the statement looks at rows that were there before.
 */
export function isOfRows({ statement, error }: Pick<StatementResult, 'statement' | 'error'>): boolean {
  const code = error?.code ?? ''
  return code === '23503' || code === '23505' || (/^2[23]/.test(code) && overRows.has(statement.kind))
}
