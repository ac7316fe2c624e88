import type { Case } from '../core/diagnosis.ts'
import type { LogEntryFact } from '../core/facts/cluster.ts'
import type { TableFact } from '../core/facts/postgres/schema.ts'
import { subject } from '../core/subject.ts'
import { factOf, nodeOf, touchedOf } from './look.ts'

/** Which table or index does a line of the log speak of? Some name it, some only its file. */
export interface Relation {
  readonly kind: 'table' | 'index'
  readonly schema: string
  readonly table: string
  /** The index, of an index. */
  readonly index: string | null
}

/** `"base/16384/16401.1_vm"`, `"pg_tblspc/16400/PG_18_202506291/16384/16401"`: the last number is the file's. */
const path = /"(?:base|global|pg_tblspc)\/(?:[^"]*\/)?(\d+)(?:_[a-z]+)?(?:\.\d+)?"/

export const hasPath = ({ message }: LogEntryFact): boolean => path.test(message)

/** null where it cannot be told, or where it is none of the tables that are read. */
export function relationOf(c: Case, entry: LogEntryFact): Relation | null {
  const view = nodeOf(c, entry.node)
  const tables = (view && factOf(view, 'tables')) ?? []
  const database = view ? factOf(view, 'server')?.database : undefined
  if (entry.database !== null && database !== undefined && entry.database !== database) return null
  const file = path.exec(entry.message)?.[1]
  // Without the numbers of files what a comparison of rows met is the next best.
  if (file !== undefined)
    return tables.some(({ files }) => files) ? byFile(tables, Number(file)) : byComparison(c, entry)
  const texts = [entry.message, entry.context ?? '', entry.detail ?? '']
  for (const text of texts) {
    const toast = /pg_toast_(\d+)/.exec(text)?.[1]
    const owner = toast === undefined ? undefined : tables.find(({ oid }) => oid === Number(toast))
    if (owner) return ofTable(owner)
    const index = /\bindex "(?:[^".]+\.)?([^"]+)"/.exec(text)?.[1]
    const indexed = index === undefined ? undefined : only(tables.filter((table) => indexesOf(table).includes(index)))
    if (index !== undefined && indexed) return { ...ofTable(indexed), kind: 'index', index }
    const [, schema, name] = /\b(?:relation|table) "(?:([^".]+)\.)?([^"]+)"/.exec(text) ?? []
    const named = only(
      tables.filter((table) => table.name === name && (schema === undefined || table.schema === schema)),
    )
    if (named) return ofTable(named)
  }
  return null
}

export const relationSubject = (node: string, relation: Relation | null): string =>
  relation === null
    ? subject.node(node)
    : relation.index === null
      ? subject.table(node, relation.schema, relation.table)
      : subject.index(node, relation.schema, relation.index)

const only = <T>(found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined)

const ofTable = ({ schema, name }: TableFact): Relation => ({ kind: 'table', schema, table: name, index: null })

const indexesOf = ({ indexes }: TableFact): readonly string[] =>
  indexes.flatMap((definition) => /^CREATE (?:UNIQUE )?INDEX ("?)(.+?)\1 ON /.exec(definition)?.[2] ?? [])

function byFile(tables: readonly TableFact[], file: number): Relation | null {
  for (const table of tables) {
    if (table.files?.table === file || table.files?.toast === file) return ofTable(table)
    const index = Object.entries(table.files?.indexes ?? {}).find(([, number]) => number === file)?.[0]
    if (index !== undefined) return { ...ofTable(table), kind: 'index', index }
  }
  return null
}

/** A comparison of rows stumbled over it: the only one there was. */
function byComparison(c: Case, entry: LogEntryFact): Relation | null {
  const found = only(
    touchedOf(c).filter(
      ({ node, source, detail }) =>
        [node, source].includes(entry.node) && entry.code !== null && (detail ?? '').includes(entry.code),
    ),
  )
  return found ? { kind: 'table', schema: found.schema, table: found.table, index: null } : null
}
