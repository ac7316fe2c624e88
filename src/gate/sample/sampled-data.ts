import type { FillableTable } from '../../engines/postgres/ddl/fillable.ts'
import type { SampledRow } from '../../engines/postgres/ddl/sample-rows.ts'
import { hintsFor } from '../fill/hints.ts'
import { parentsFirst } from '../fill/row.ts'
import { identifier, literal, qualified } from '../fill/sql.ts'
import { valueOf } from '../fill/values.ts'
import type { Masker } from './mask.ts'

/** Rows with other values in their masked columns. */
export function maskRows(
  table: FillableTable,
  rows: readonly SampledRow[],
  { masked, masker }: { readonly masked: ReadonlySet<string>; readonly masker: Masker },
): readonly SampledRow[] {
  const columns = new Map(table.columns.map((column) => [column.name, column]))
  return rows.map((row, n) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        const column = columns.get(name)
        if (value === null || !column || !masked.has(`${table.schema}.${table.name}.${name}`)) return [name, value]
        const checks = table.checks.filter((check) => check.columns.includes(name))
        // A type without a stand-in takes a made-up value, like all others here.
        return [name, masker.mask(column, value) ?? valueOf(column, 'plain', n, hintsFor(name, checks))]
      }),
    ),
  )
}

/** Statements that cannot fail: what the copy refuses (a made-up row has its key, a masked value breaks a condition) is left out. */
export const insertSample = (rows: ReadonlyMap<FillableTable, readonly SampledRow[]>): readonly string[] =>
  parentsFirst([...rows.keys()]).flatMap((table) => {
    const all = rows.get(table) ?? []
    return all.length === 0 ? [] : [statementFor(table, all)]
  })

function statementFor(table: FillableTable, rows: readonly SampledRow[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const target = qualified(table.schema, table.name)
  const into = `insert into ${target} (${columns.map(identifier).join(', ')}) overriding system value values`
  const values = rows.map(
    (row) => `(${columns.map((name) => (row[name] == null ? 'null' : literal(row[name]))).join(', ')})`,
  )
  const oneByOne = values.map((one) => `begin ${into} ${one}; exception when others then null; end;`)
  // The next number that the server gives is none of these.
  const counted = table.columns.map(
    ({ name }) =>
      `begin perform setval(pg_get_serial_sequence(${literal(target)}, ${literal(name)}), (select max(${identifier(name)}) from ${target})::int8); exception when others then null; end;`,
  )
  const body = `begin ${into} ${values.join(', ')}; exception when others then ${oneByOne.join(' ')} end; ${counted.join(' ')}`
  return `do ${tagFor(body)} begin ${body} end ${tagFor(body)}`
}

/** A row may hold any text. */
const tagFor = (body: string): string => {
  let tag = '$antemortem$'
  for (let n = 1; body.includes(tag); n += 1) tag = `$antemortem_${n}$`
  return tag
}
