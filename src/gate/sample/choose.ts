import { AntemortemError } from '../../core/error.ts'
import type { FillableTable } from '../../engines/postgres/ddl/fillable.ts'
import { means, namesIn } from '../change/relations.ts'
import type { Step } from '../run/targets.ts'
import { looksPersonal } from './secret-names.ts'

/** `--sample`, with what is masked beyond the usual and what is not. */
export interface SampleWish {
  /** `schema.table.column`. */
  readonly mask: readonly string[]
  readonly unmask: readonly string[]
}

const key = ({ schema, name }: Pick<FillableTable, 'schema' | 'name'>, column: string): string =>
  `${schema}.${name}.${column}`

/** No more of production than the change is about: the tables that it names, and those whose rows refer to them. */
export function tablesToSample(tables: readonly FillableTable[], steps: readonly Step[]): ReadonlySet<FillableTable> {
  const relations = steps.flatMap(({ statement }) => namesIn(statement.tree).relations)
  const isNamed = ({ schema, name }: { readonly schema: string; readonly name: string }): boolean =>
    relations.some((one) => means(one, schema, name))
  return new Set(
    tables.filter(
      (table) =>
        isNamed(table) ||
        (table.root !== null && isNamed(table.root)) ||
        table.foreignKeys.some((one) => isNamed({ schema: one.schema, name: one.table })),
    ),
  )
}

/**
 * Columns whose values nobody may see, as `schema.table.column`: those that somebody named, and those that look personal by their
 * name. What refers to a masked column, and what it refers to, is masked with it. A name that is no column is refused.
 */
export function maskedColumns(tables: readonly FillableTable[], { mask, unmask }: SampleWish): ReadonlySet<string> {
  const all = new Set(tables.flatMap((table) => table.columns.map(({ name }) => key(table, name))))
  const strange = [...mask, ...unmask].find((name) => !all.has(name))
  if (strange !== undefined)
    throw new AntemortemError('mask-unknown', `there is no column "${strange}"`, 'Write it as SCHEMA.TABLE.COLUMN.', {
      exit: 2,
    })
  const masked = new Set([...all].filter((name) => looksPersonal(name.slice(name.lastIndexOf('.') + 1))))
  for (const name of unmask) masked.delete(name)
  for (const name of mask) masked.add(name)
  const links = tables.flatMap((table) =>
    table.foreignKeys.flatMap(({ schema, table: name, columns, references }) =>
      columns.map((column, n) => [key(table, column), key({ schema, name }, references[n] ?? '')] as const),
    ),
  )
  for (let size = 0; size !== masked.size;) {
    size = masked.size
    for (const [from, to] of links) if (masked.has(from) || masked.has(to)) masked.add(from).add(to)
  }
  return masked
}
