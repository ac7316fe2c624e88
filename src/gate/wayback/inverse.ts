import type { NodeView } from '../../core/snapshot.ts'
import type { ChangeStatement } from '../change/read-change.ts'
import { child, list, text, type TreeNode } from '../change/tree.ts'
import { settingOf } from '../files/settings-of.ts'
import { callsBack } from './calls.ts'
import { identifier, literal } from '../fill/sql.ts'
import { tableInverse } from './inverse-of-table.ts'
import { nameOf } from './named.ts'
import { publicationInverse } from './inverse-of-publication.ts'

/** Statements that take one back, in order; none where there is nothing to take back; null where none is known. */
export type Inverse = readonly string[] | null

/** What a statement needs to be undone, by its tree and by what was there before it. Pure. */
export function inverseOf({ kind, tree, sql }: ChangeStatement, before: NodeView): Inverse {
  const statement = child(tree, kind)
  switch (kind) {
    case 'TransactionStmt':
    case 'VariableSetStmt':
    case 'VariableShowStmt':
    case 'ExplainStmt':
    case 'VacuumStmt':
    case 'ReindexStmt':
    case 'LockStmt':
    case 'CommentStmt':
      return []
    case 'SelectStmt': {
      const calls = callsBack(tree)
      return calls === null ? [] : calls.inverse
    }
    case 'SettingLine':
    case 'AccessRules':
      // The files as they were are put back.
      return []
    case 'CreateStmt':
      return dropped('table', nameOf(child(statement, 'relation')))
    case 'CreateTableAsStmt':
      return dropped('table', nameOf(child(child(statement, 'into'), 'rel')))
    case 'CreateSeqStmt':
      return dropped('sequence', nameOf(child(statement, 'sequence')))
    case 'CreateSchemaStmt':
      return dropped('schema', quoted(text(statement, 'schemaname')))
    case 'CreateExtensionStmt':
      return dropped('extension', quoted(text(statement, 'extname')))
    case 'CreateRoleStmt':
      return dropped('role', quoted(text(statement, 'role')))
    case 'ViewStmt':
      return statement?.['replace'] === true ? null : dropped('view', nameOf(child(statement, 'view')))
    case 'CreateEnumStmt':
    case 'CreateDomainStmt':
      return dropped('type', dotted(list(statement, kind === 'CreateEnumStmt' ? 'typeName' : 'domainname')))
    case 'AlterSystemStmt': {
      const name = settingOf(tree)?.name
      return name === undefined ? null : [systemSetting(name, before)]
    }
    case 'AlterRoleSetStmt':
      return roleSetting(statement, before)
    case 'GrantStmt':
      return granted(sql)
    case 'AlterTableStmt':
      return tableInverse(statement, before)
    case 'RenameStmt':
      return renamed(statement)
    case 'CreatePublicationStmt':
    case 'AlterPublicationStmt':
    case 'DropStmt':
      return publicationInverse(kind, statement, before)
    case 'AlterSubscriptionStmt':
      return subscriptionInverse(statement)
    default:
      return null
  }
}

const dropped = (kind: string, name: string | null): Inverse => (name === null ? null : [`drop ${kind} ${name}`])

const quoted = (name: string | null): string | null => (name === null ? null : identifier(name))

function dotted(parts: readonly unknown[]): string | null {
  const words = parts.map((part) => text(child(part, 'String'), 'sval') ?? '')
  return words.length === 0 || words.includes('') ? null : words.map(identifier).join('.')
}

/** A value that ALTER SYSTEM had given before is given again. */
function systemSetting(name: string, { facts: { fileSettings } }: NodeView): string {
  const old = fileSettings.seen
    ? fileSettings.value.findLast((one) => one.name === name && one.file.endsWith('postgresql.auto.conf'))
    : undefined
  return old?.value == null
    ? `alter system reset ${identifier(name)}`
    : `alter system set ${identifier(name)} = ${literal(old.value)}`
}

function roleSetting(statement: TreeNode | null, { facts: { roleSettings } }: NodeView): Inverse {
  const role = text(child(statement, 'role'), 'rolename')
  const name = text(child(statement, 'setstmt'), 'name')?.toLowerCase()
  if (role === null || name === undefined || !roleSettings.seen) return null
  const database = text(statement, 'database')
  const old = roleSettings.value.find((one) => one.role === role && one.database === database && one.name === name)
  const where = `alter role ${identifier(role)}${database === null ? '' : ` in database ${identifier(database)}`}`
  return [old ? `${where} set ${identifier(name)} = ${literal(old.value)}` : `${where} reset ${identifier(name)}`]
}

/** The same words the other way round; what was granted already before is then lost, which the comparison shows. */
function granted(sql: string): Inverse {
  const give = /^grant\s+(.+)\s+to\s+([^;]+?)(?:\s+with\s+.*)?;?$/is.exec(sql)
  if (give) return [`revoke ${give[1] ?? ''} from ${give[2] ?? ''}`]
  const take = /^revoke\s+(?!grant\s+option)(.+)\s+from\s+([^;]+?)(?:\s+(?:cascade|restrict))?;?$/is.exec(sql)
  return take ? [`grant ${take[1] ?? ''} to ${take[2] ?? ''}`] : null
}

function renamed(statement: TreeNode | null): Inverse {
  const relation = child(statement, 'relation')
  const [old, now] = [text(statement, 'subname'), text(statement, 'newname')]
  const schema = text(relation, 'schemaname')
  const name = text(relation, 'relname')
  if (name === null || now === null) return null
  const inSchema = (table: string): string =>
    schema === null ? identifier(table) : `${identifier(schema)}.${identifier(table)}`
  if (text(statement, 'renameType') === 'OBJECT_TABLE')
    return [`alter table ${inSchema(now)} rename to ${identifier(name)}`]
  if (text(statement, 'renameType') !== 'OBJECT_COLUMN' || old === null) return null
  return [`alter table ${inSchema(name)} rename column ${identifier(now)} to ${identifier(old)}`]
}

function subscriptionInverse(statement: TreeNode | null): Inverse {
  const name = quoted(text(statement, 'subname'))
  switch (text(statement, 'kind')) {
    case 'ALTER_SUBSCRIPTION_REFRESH':
    case 'ALTER_SUBSCRIPTION_REFRESH_PUBLICATION':
      return []
    case 'ALTER_SUBSCRIPTION_ENABLED': {
      const wasOff = list(statement, 'options').some(
        (option) => child(child(child(option, 'DefElem'), 'arg'), 'Boolean')?.['boolval'] === true,
      )
      return name === null ? null : [`alter subscription ${name} ${wasOff ? 'disable' : 'enable'}`]
    }
    default:
      return null
  }
}
