import type { NamedTable, OwnView } from '../../engines/postgres/logins/own-view.ts'
import { identifier } from '../identifier.ts'
import { info, listed, type ContractNote } from './note.ts'

const writes = ['insert', 'update', 'delete']

const fullName = ({ name, schema }: NamedTable): string => {
  const bare = name.slice(name.indexOf('.') + 1)
  return `${identifier(schema ?? '')}.${identifier(bare)}`
}

/** A name that leads nowhere, with where the table is. */
export function notFound(view: Pick<OwnView, 'searchPath' | 'user' | 'database'>, table: NamedTable): ContractNote {
  const { name, elsewhere } = table
  const [only] = elsewhere
  const message =
    only === undefined
      ? `no schema of database ${view.database} has a table ${name}`
      : `${name} is not found with search_path ${view.searchPath}: it is in ${listed(elsewhere)}`
  const remedy =
    only === undefined
      ? `Look whether ${name} was renamed or dropped, or ${view.database} is another database than it was.`
      : `alter role ${identifier(view.user)} in database ${identifier(view.database)} set search_path = ${identifier(only)}, …; or grant usage on schema ${identifier(only)} to ${identifier(view.user)}; whichever was taken away.`
  return { about: 'tables', severity: 'error', layer: 'query', code: '42P01', message, remedy }
}

/** Where the names of the contract lead in a new session. `mustBeThere`: those that the contract declares, the others a reading of words found. */
export function tableNotes(view: OwnView, mustBeThere: ReadonlySet<string>): readonly ContractNote[] {
  const found = view.tables.filter(({ schema }) => schema !== null)
  const lost = view.tables.filter(({ name, schema }) => schema === null && mustBeThere.has(name))
  const places = found.map((table) => `${table.name} is ${fullName(table)}`)
  return [
    ...(places.length > 0 ? [info('tables', 'query', `${listed(places)} (search_path ${view.searchPath})`)] : []),
    ...lost.map((table) => notFound(view, table)),
  ]
}

/**
 * Could it write? By the transaction's mode and the catalog's rights. Nothing is written, and nothing rolled back: a write that is
 * rolled back still takes locks, fires triggers, moves sequences and writes WAL. Pure.
 */
export function writeNotes(view: OwnView, declared: ReadonlySet<string>): readonly ContractNote[] {
  const denied = (code: string, message: string, remedy: string): ContractNote => ({
    about: 'writes',
    severity: 'error',
    layer: 'role',
    code,
    message,
    remedy,
  })
  const user = identifier(view.user)
  if (view.readOnly)
    return [
      denied(
        '25006',
        view.inRecovery
          ? 'it is a standby, and the contract writes'
          : 'its transactions are read-only, and the contract writes',
        `Look at default_transaction_read_only of ${view.user} and its database (pg_db_role_setting), and in postgresql.conf.`,
      ),
    ]
  if (declared.size === 0)
    return view.writable === 0
      ? [
          denied(
            '42501',
            `${view.user} may write no table of database ${view.database}, and the contract writes`,
            `Grant ${user} what the application writes, or say read_only: true in the contract.`,
          ),
        ]
      : [
          info(
            'writes',
            'role',
            `may write ${view.writable} tables; which of them it must, the contract does not say (writes)`,
          ),
        ]
  return view.tables
    .filter(({ name, schema }) => schema !== null && declared.has(name))
    .flatMap((table) => {
      const has = writes.filter((right) => table.rights.includes(right))
      const name = fullName(table)
      if (has.length === 0)
        return [
          denied('42501', `${view.user} may not write ${name}`, `grant insert, update, delete on ${name} to ${user};`),
        ]
      const sequences = has.includes('insert') ? table.closedSequences : []
      const lacks = writes.filter((right) => !has.includes(right))
      return [
        info('writes', 'role', `may ${has.join(', ')} ${name}${lacks.length > 0 ? `, not ${lacks.join(', ')}` : ''}`),
        ...sequences.map((sequence) =>
          denied(
            '42501',
            `${view.user} may insert into ${name}, and not use ${sequence}, from which its rows get their numbers`,
            `grant usage on sequence ${sequence} to ${user};`,
          ),
        ),
      ]
    })
}
