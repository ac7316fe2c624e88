import { identifier } from '../../contracts/identifier.ts'
import type { CanaryTable } from '../../core/configuration.ts'
import type { SeenCanaryTable } from '../../engines/postgres/act/canary-table.ts'

/** Why a table is none to write a canary row into, and what to do. */
export interface Misfit {
  readonly why: string
  readonly remedy: string
}

/**
 * A table that somebody has made for this and for nothing else has these two columns and no more: one of users is never
 * taken for it. Pure; null where it fits.
 */
export function misfitOf(
  { user, isStandby, isReadOnly, found }: SeenCanaryTable,
  { schema, table }: CanaryTable,
  node: string,
): Misfit | null {
  const name = `${identifier(schema)}.${identifier(table)}`
  const role = identifier(user)
  const make = `create table ${name} (name text primary key, beat text not null)`
  const rights = `grant select, insert, update on ${name} to ${role};`
  if (isStandby)
    return { why: `${node} is a standby, which takes no row`, remedy: 'Look whether it is still the primary.' }
  if (isReadOnly)
    return {
      why: `sessions of ${user} on ${node} are read-only`,
      remedy: `Look at default_transaction_read_only of ${user} and its database (pg_db_role_setting).`,
    }
  if (!found) return { why: `${node} has no table ${name}`, remedy: `On ${node}: ${make}; ${rights}` }
  if (found.kind !== 'r') return { why: `${name} is no plain table`, remedy: `Make another one: ${make};` }
  if (found.persistence !== 'p')
    return { why: `${name} is unlogged, and never sent to another node`, remedy: `alter table ${name} set logged;` }
  const columns = found.columns.map((column) => `${column.name} ${column.type}`)
  if (columns.toSorted().join(', ') !== 'beat text, name text')
    return {
      why: `${name} has the columns ${columns.join(', ')}, and not name text and beat text alone: it was not made for this`,
      remedy: `Name a table that is made for it: ${make};`,
    }
  if (!found.hasKey)
    return { why: `name is not the primary key of ${name}`, remedy: `alter table ${name} add primary key (name);` }
  if (!found.isOpen)
    return {
      why: `${user} may not use schema ${schema}`,
      remedy: `grant usage on schema ${identifier(schema)} to ${role}; ${rights}`,
    }
  const lacks = ['select', 'insert', 'update'].filter((right) => !found.rights.includes(right))
  return lacks.length === 0 ? null : { why: `${user} may not ${lacks.join(', ')} ${name}`, remedy: rights }
}
