import { diff } from '../changes/diff.ts'
import { fingerprintOf } from '../changes/fingerprint.ts'
import type { Change } from '../core/change.ts'
import { subject } from '../core/subject.ts'
import { isDeclared, names } from './declared.ts'
import type { Rehearsal, StatementResult } from './rehearsal.ts'

/**
 * What is otherwise after the change although no statement names it: a cascade, a trigger, a function with more in it than its
 * name says. By what was seen in the copy, before its servers were restarted. Pure.
 */
export function undeclaredIn({ before, changed, results }: Rehearsal): readonly Change[] {
  const done = results.filter(({ error }) => error === null)
  const seen = changed.nodes.flatMap((node) => {
    const was = before.nodes.find(({ name }) => name === node.name)
    return was ? diff(fingerprintOf(was), fingerprintOf(node)) : []
  })
  const statements = done.map(({ statement }) => statement)
  return [...seen.filter((change) => !isDeclared(change, statements)), ...written(done, changed.atMs)].map(
    (change) => ({
      ...change,
      source: 'gate',
    }),
  )
}

/** Rows that a statement writes into tables which it does not name. */
function written(done: readonly StatementResult[], atMs: number): readonly Change[] {
  const writing = new Set([
    'InsertStmt',
    'UpdateStmt',
    'DeleteStmt',
    'MergeStmt',
    'TruncateStmt',
    'SelectStmt',
    'CallStmt',
  ])
  return done.flatMap(({ statement, node, touched }) =>
    touched
      .filter((table) => writing.has(statement.kind) && !names(statement.tree, table))
      .map((table): Change => {
        const at = table.indexOf('.')
        const object = subject.table(node, table.slice(0, at), table.slice(at + 1))
        const after = `rows, by ${statement.file}:${statement.line}`
        return {
          id: `chg-${atMs}-${object}`,
          atMs,
          notBeforeMs: atMs,
          kind: 'data',
          object,
          before: null,
          after,
          source: 'gate',
        }
      }),
  )
}
