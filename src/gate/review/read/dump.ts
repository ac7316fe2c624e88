import type { ChangeStatement } from '../../change/read-change.ts'
import { createdTable, type Named } from '../../change/relations.ts'

/**
 * A schema as pg_dump wrote it, kept beside migrations that are no SQL (Rails' `structure.sql`, dbmate's `schema.sql`). Nobody
 * runs it: what differs from before is what the migrations do.
 */
export const isDump = (name: string, text: string): boolean =>
  /(^|\/)(structure|schema)\.sql$/.test(name) && text.includes("set_config('search_path', ''")

/** A statement that must have been run, and the line of the dump that shows it. */
export interface Derived {
  readonly sql: string
  readonly line: number
}

/** From the definition of each table before and after: what must have been done to it; and which statements say no more than that. */
export function derive(
  before: readonly ChangeStatement[],
  after: readonly ChangeStatement[],
): { readonly statements: readonly Derived[]; readonly covered: ReadonlySet<ChangeStatement> } {
  const was = tablesOf(before)
  const is = tablesOf(after)
  const statements: Derived[] = []
  const covered = new Set<ChangeStatement>()
  for (const [name, statement] of is) {
    const old = was.get(name)
    if (old === undefined || old.sql === statement.sql) continue
    covered.add(statement)
    statements.push(...alterations(name, columnsOf(old), columnsOf(statement), statement.line))
  }
  for (const name of was.keys()) if (!is.has(name)) statements.push({ sql: `drop table ${name}`, line: 1 })
  return { statements, covered }
}

const tablesOf = (statements: readonly ChangeStatement[]): ReadonlyMap<string, ChangeStatement> =>
  new Map(
    statements.flatMap((statement): [string, ChangeStatement][] => {
      const made = statement.kind === 'CreateStmt' ? createdTable(statement.tree) : null
      return made === null ? [] : [[spelled(made), statement]]
    }),
  )

const spelled = ({ schema, name }: Named): string =>
  [schema ?? 'public', name].map((word) => `"${word.replaceAll('"', '""')}"`).join('.')

interface Column {
  readonly definition: string
  readonly type: string
  readonly isRequired: boolean
  /** Behind the first line of the statement. */
  readonly offset: number
}

/** pg_dump writes each column on a line of its own. */
function columnsOf({ sql }: ChangeStatement): ReadonlyMap<string, Column> {
  const found = new Map<string, Column>()
  sql.split('\n').forEach((raw, offset) => {
    const line = raw.trim().replace(/,$/, '')
    const [, name, rest] = /^("(?:[^"]|"")+"|[a-z_][\w$]*) (.+)$/.exec(line) ?? []
    if (offset === 0 || name === undefined || rest === undefined) return
    const [type = rest] = rest.split(/ (?:COLLATE|DEFAULT|GENERATED|NOT NULL|CONSTRAINT)\b/)
    found.set(name, { definition: line, type, isRequired: / NOT NULL\b/.test(rest), offset })
  })
  return found
}

function* alterations(
  table: string,
  was: ReadonlyMap<string, Column>,
  is: ReadonlyMap<string, Column>,
  from: number,
): Generator<Derived> {
  for (const [name, { definition, type, isRequired, offset }] of is) {
    const old = was.get(name)
    const alter = (words: string): Derived => ({ sql: `alter table ${table} ${words}`, line: from + offset })
    if (old === undefined) yield alter(`add column ${definition}`)
    else {
      if (old.type !== type) yield alter(`alter column ${name} type ${type}`)
      if (isRequired && !old.isRequired) yield alter(`alter column ${name} set not null`)
    }
  }
  for (const name of was.keys())
    if (!is.has(name)) yield { sql: `alter table ${table} drop column ${name}`, line: from }
}
