import { diff } from '../changes/diff.ts'
import { fingerprintOf } from '../changes/fingerprint.ts'
import type { Change } from '../core/change.ts'
import { subject } from '../core/subject.ts'
import { namesIn } from './change/relations.ts'
import { settingOf } from './files/settings-of.ts'
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
  return [...seen.filter((change) => !isNamed(change, done)), ...written(done, changed.atMs)].map((change) => ({
    ...change,
    source: 'gate',
  }))
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
      .filter((table) => writing.has(statement.kind) && !mentions(statement.sql, table))
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

/** By the last name in its subject; a statement that holds the word means it, also in the body of a function or of DO. */
function isNamed({ object, kind, before, after }: Change, done: readonly StatementResult[]): boolean {
  // The file as a whole, and what a reload of it brings along.
  if (kind === 'access') return done.some(({ statement }) => statement.kind === 'AccessRules')
  const thing = object.slice(object.indexOf(':') + 1)
  return done.some(
    ({ statement }) =>
      settingOf(statement.tree)?.name === thing ||
      mentions(statement.sql, thing) ||
      // An index is dropped by its own name, and is a part of its table.
      namesIn(statement.tree).relations.some(({ name }) => [before, after].some((words) => words?.includes(name))),
  )
}

/** `public.users`, `role app search_path`, `public.stamp()`: the words without a schema all stand in the text. */
function mentions(sql: string, thing: string): boolean {
  const text = sql.toLowerCase()
  const words = thing
    .toLowerCase()
    .replaceAll(/\(.*\)$/g, '')
    .split(/[ :]/)
    .map((word) => word.split('.').at(-1) ?? word)
    .filter((word) => !kinds.has(word) && word !== '')
  return words.every((word) =>
    new RegExp(String.raw`(?<![\w$])${word.replaceAll(/[^\w]/g, String.raw`\$&`)}(?![\w$])`).test(text),
  )
}

const kinds = new Set(['role', 'database', 'publication', 'subscription', 'extension', 'trigger', 'function'])
