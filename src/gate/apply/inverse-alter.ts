import { child, text, type TreeNode } from '../change/tree.ts'
import { asNamed, type Named } from '../change/relations.ts'
import type { BackOrder, Before, Inverse } from './inverse.ts'
import { commands } from './manner.ts'
import { shown, shownNamed } from './names.ts'

/** `alter table` in the reverse order of its commands, as one statement; what one of them cannot take back keeps all. */
export function alterTableInverse(statement: TreeNode | null, before: Before): Inverse {
  const relation = child(statement, 'relation')
  const table = relation && asNamed(relation)
  if (!table || text(statement, 'objtype') !== 'OBJECT_TABLE')
    return { none: 'its inverse needs what stood there before, which the statement does not say' }
  const parts: string[] = []
  for (const command of commands(statement)) {
    const part = partOf(command, table, before)
    if (part === null)
      return { none: `${wordOf(command)} of ${shownNamed(table)}: what stood there before was not seen` }
    if (part !== '') parts.unshift(part)
  }
  const order: BackOrder = { kind: 'sql', sql: `alter table ${shownNamed(table)} ${parts.join(', ')}` }
  return { orders: parts.length === 0 ? [] : [order] }
}

const wordOf = (command: TreeNode): string =>
  (text(command, 'subtype') ?? '')
    .replace(/^AT_/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()

/** The command that takes it back, '' where there is nothing to take back, null where it is not known. */
function partOf(command: TreeNode, table: Named, before: Before): string | null {
  const name = text(command, 'name') ?? ''
  const column = before.column(table, name)
  switch (text(command, 'subtype')) {
    case 'AT_AddColumn': {
      const added = text(child(child(command, 'def'), 'ColumnDef'), 'colname') ?? ''
      // `if not exists` may have found one that holds values.
      return before.column(table, added) === null
        ? `drop column ${shown(added)}`
        : command['missing_ok'] === true
          ? ''
          : null
    }
    case 'AT_AddConstraint': {
      const constraint = text(child(child(command, 'def'), 'Constraint'), 'conname')
      return constraint === null ? null : `drop constraint ${shown(constraint)}`
    }
    case 'AT_SetNotNull':
      return column === null ? null : column.notNull ? '' : `alter column ${shown(name)} drop not null`
    case 'AT_DropNotNull':
      return column === null ? null : column.notNull ? `alter column ${shown(name)} set not null` : ''
    case 'AT_ColumnDefault':
      if (column === null) return null
      return `alter column ${shown(name)} ${column.default === null ? 'drop default' : `set default ${column.default}`}`
    // A constraint that has been found true harms nobody.
    case 'AT_ValidateConstraint':
      return ''
    default:
      return null
  }
}
