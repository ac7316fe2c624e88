import { sqlLiteral, sqlName } from '../../core/sql-text.ts'
import type { RowImage } from '../../core/verification.ts'
import { originName, type RowChange } from '../../engines/postgres/act/exchange-rows.ts'
import { setval } from '../../engines/postgres/act/foreign-keys.ts'
import { shownTable } from '../names.ts'
import { sequencesBehind } from './notes.ts'
import type { RowsPlan } from './plan.ts'
import { changedColumns, type TableRows } from './table-rows.ts'
import { mustReplace } from './writing.ts'

/** What the plan does, as SQL for people to read: each row with its guard. The program itself sends rows in bulk. */
export function planSql(repair: RowsPlan): string {
  const { plan, direction, target, tables } = repair
  const lines = [
    `-- Plan ${plan.id}: rows of ${direction.target} become those of ${direction.source}.`,
    `-- To be read. Carried out by: antemortem verify --repair apply ${plan.id}`,
    ...plan.refusals.map(({ why }) => comment(`REFUSED: ${why}`)),
    ...repair.leftOut.map(({ why }) => comment(`left out: ${why}`)),
    '',
    ...(target.mayOriginate && tables.length > 0
      ? [
          `select pg_replication_origin_create(${sqlLiteral(originName)});`,
          `select pg_replication_origin_session_setup(${sqlLiteral(originName)});`,
          '',
        ]
      : []),
    ...tables.flatMap((rows) => [
      `-- ${shownTable(rows)}`,
      'begin;',
      `set local lock_timeout = '2s';`,
      ...(target.mayReplicate ? ['set local session_replication_role = replica;'] : []),
      ...rows.rows.flatMap((row) => rowSql(rows, row)),
      'commit;',
      ...sequencesBehind(rows).map(({ name, greatest }) => `-- its sequence lies behind: ${setval(name, greatest)};`),
      '',
    ]),
  ]
  return `${lines.join('\n')}\n`
}

function rowSql(rows: TableRows, row: RowChange): readonly string[] {
  const name = shownTable(rows)
  const where = rows.key.map((column, n) => `${sqlName(column)} = ${valueText(row.key[n] ?? null)}`).join(' and ')
  const guard = comment(`only if it is still: ${row.from ? imageText(row.from) : 'not there'}`)
  if (!row.to) return [guard, `delete from ${name} where ${where};`]
  const isReplaced = row.from !== null && rows.look !== null && mustReplace(rows.rows, rows.look)
  const sets = changedColumns(row).map((column) => `${sqlName(column)} = ${valueText(row.to?.[column] ?? null)}`)
  if (row.from && !isReplaced) return [guard, `update ${name} set ${sets.join(', ')} where ${where};`]
  const written = rows.columns.filter(({ name: column, generated }) => generated === '' && column in (row.to ?? {}))
  return [
    guard,
    ...(isReplaced ? [`delete from ${name} where ${where};`] : []),
    `insert into ${name} (${written.map((column) => sqlName(column.name)).join(', ')}) overriding system value values (${written
      .map((column) => valueText(row.to?.[column.name] ?? null))
      .join(', ')});`,
  ]
}

const valueText = (value: string | null): string =>
  value === null ? 'null' : value.includes('\\') ? `E${sqlLiteral(value.replaceAll('\\', '\\\\'))}` : sqlLiteral(value)

const imageText = (image: RowImage): string =>
  Object.entries(image)
    .map(([name, value]) => `${name} = ${value === null ? 'null' : sqlLiteral(value)}`)
    .join(', ')

/** A value may hold a line break: what follows it must not become a statement. */
const comment = (text: string): string => `-- ${text.replaceAll(/[\r\n]+/g, ' ')}`
