import type { ColumnFact, TableFact } from '../../core/facts/postgres/schema.ts'
import type { NodeView } from '../../core/snapshot.ts'
import { asNamed, means } from '../change/relations.ts'
import { child, list, text, type TreeNode } from '../change/tree.ts'
import { identifier } from '../fill/sql.ts'
import type { Inverse } from './inverse.ts'
import { nameOf } from './named.ts'

/** ALTER TABLE, part by part, the last first. */
export function tableInverse(statement: TreeNode | null, { facts: { tables } }: NodeView): Inverse {
  const relation = child(statement, 'relation')
  const table = nameOf(relation)
  if (relation === null || table === null || !tables.seen) return null
  const was = tables.value.find(({ schema, name }) => means(asNamed(relation), schema, name))
  const parts = list(statement, 'cmds').map((command) => partInverse(child(command, 'AlterTableCmd'), was))
  const known = parts.flatMap((part) => part ?? [])
  return parts.includes(null) ? null : known.toReversed().map((words) => `alter table ${table} ${words}`)
}

/** What follows `alter table NAME`. */
function partInverse(command: TreeNode | null, was: TableFact | undefined): Inverse {
  const name = text(command, 'name')
  const column = was?.columns.find((one) => one.name === name)
  const quoted = identifier(name ?? '')
  switch (text(command, 'subtype')) {
    case 'AT_AddColumn': {
      const added = text(child(child(command, 'def'), 'ColumnDef'), 'colname')
      return added === null ? null : [`drop column ${identifier(added)}`]
    }
    case 'AT_AddConstraint': {
      const constraint = text(child(child(command, 'def'), 'Constraint'), 'conname')
      return constraint === null ? null : [`drop constraint ${identifier(constraint)}`]
    }
    case 'AT_SetNotNull':
      return column?.notNull === true ? [] : [`alter column ${quoted} drop not null`]
    case 'AT_DropNotNull':
      return column?.notNull === true ? [`alter column ${quoted} set not null`] : []
    case 'AT_ColumnDefault':
      return column ? [defaultOf(column)] : null
    case 'AT_AlterColumnType':
      return column ? [`alter column ${quoted} type ${column.type} using ${quoted}::${column.type}`] : null
    case 'AT_ReplicaIdentity':
      return was ? identityOf(was) : null
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
      return [was?.unlogged === true ? 'set unlogged' : 'set logged']
    case 'AT_ValidateConstraint':
      return []
    case 'AT_EnableRowSecurity':
      return ['disable row level security']
    case 'AT_DisableRowSecurity':
      return ['enable row level security']
    default:
      return null
  }
}

const defaultOf = ({ name, default: words }: ColumnFact): string =>
  `alter column ${identifier(name)} ${words === null ? 'drop default' : `set default ${words}`}`

/** By which index it was identified the facts do not say. */
function identityOf({ replicaIdentity }: TableFact): Inverse {
  const words = { d: 'default', n: 'nothing', f: 'full', i: null }[replicaIdentity]
  return words === null ? null : [`replica identity ${words}`]
}
