import type { ChangeStatement } from '../change/read-change.ts'
import { asNamed, createdTable, indexName, type Named } from '../change/relations.ts'
import { reconnected } from '../change/reconnected.ts'
import { rollbackClass } from '../change/rollback-class.ts'
import { child, list, text, type TreeNode } from '../change/tree.ts'
import { literal } from '../fill/sql.ts'
import type { Inverse } from './back-order.ts'
import { none, nothing, sql, surmised } from './back-order.ts'
import { tableBefore, type Before } from './before.ts'
import { callsBack } from './calls.ts'
import { publicationInverse } from './inverse-of-publication.ts'
import { tableInverse } from './inverse-of-table.ts'
import { makes } from './made.ts'
import { shown, shownNamed } from './names.ts'
import { questionOf } from './told/told.ts'

/**
 * What takes a statement back, by its tree and by what its node said before the change; or why nothing does. `nth` counts the
 * statements of its transaction. Pure.
 */
export function inverseOf(given: ChangeStatement, nth: number, before: Before): Inverse {
  const { tree, kind, sql: words } = given
  const statement = child(tree, kind)
  const calls = callsBack(tree)
  if (calls) return calls.inverse === null ? none(calls.form) : sql(...calls.inverse)
  const rollback = rollbackClass(tree)
  if (rollback === 'R0') return nothing
  const created = createdTable(tree)
  if (created) {
    if (tableBefore(before.view, created)) return nothing
    return { orders: [{ kind: 'drop-table', table: shownNamed(created), guarded: !before.hasTwin(created) }] }
  }
  const relation = child(statement, 'relation')
  const on = relation ?? child(statement, 'sequence') ?? child(statement, 'table')
  if (onMade.has(kind) && on && before.isNew(asNamed(on))) return nothing
  // Through a view they would be rows of another table.
  if (kind === 'InsertStmt' && relation && before.isMade(asNamed(relation))) return nothing
  const question = questionOf(given)
  const told = question === null ? null : before.told(question)
  const asTold =
    told === null || told.length === 0 ? null : sql(...told.flatMap((each) => (each.words === '' ? [] : [each.words])))
  switch (kind) {
    // The files as they were are put back whole.
    case 'SettingLine':
    case 'AccessRules':
      return nothing
    // What it said before nobody misses.
    case 'CommentStmt':
      return isOnMade(statement, before) ? nothing : (asTold ?? surmised(nothing))
    case 'IndexStmt':
      return indexInverse(statement, nth)
    case 'InsertStmt':
      return relation === null || rollback !== 'R1'
        ? none(rollback)
        : { orders: [{ kind: 'delete-rows', table: shownNamed(asNamed(relation)), nth }] }
    case 'AlterTableStmt':
      return tableInverse(statement, nth, before, told)
    case 'RenameStmt':
      return renameInverse(statement)
    case 'AlterSystemStmt':
      return { orders: [{ kind: 'setting', name: text(child(statement, 'setstmt'), 'name') }] }
    case 'AlterRoleSetStmt':
      return roleSetting(statement, before)
    case 'GrantStmt':
      return isOnMade(statement, before) ? nothing : (asTold ?? granted(words))
    case 'AlterSubscriptionStmt': {
      const subscription = reconnected(tree)
      if (subscription !== null) return { orders: [{ kind: 'connection', subscription }] }
      return asTold ?? subscriptionInverse(statement)
    }
    case 'CreatePublicationStmt':
    case 'AlterPublicationStmt':
      return publicationInverse(kind, statement, before)
    case 'DropStmt':
      return text(statement, 'removeType') === 'OBJECT_PUBLICATION'
        ? publicationInverse(kind, statement, before)
        : (asTold ?? none(rollback))
    default:
      return makes[kind]?.(statement) ?? asTold ?? none(rollback)
  }
}

/** Grants and comments go with the table, sequence or view that the change itself makes. */
function isOnMade(statement: TreeNode | null, before: Before): boolean {
  const object = child(statement, 'object')
  const relations = list(statement, 'objects').map((each) => child(each, 'RangeVar'))
  const named = object
    ? [commentedTable(text(statement, 'objtype'), object)]
    : relations.map((relation) => (relation === null ? null : asNamed(relation)))
  return named.length > 0 && named.every((each) => each !== null && before.isNew(each))
}

function commentedTable(type: string | null, object: TreeNode): Named | null {
  const parts = list(child(object, 'List'), 'items').map((part) => text(child(part, 'String'), 'sval') ?? '')
  const isWhole = ['OBJECT_TABLE', 'OBJECT_SEQUENCE', 'OBJECT_VIEW'].includes(type ?? '')
  const table = type === 'OBJECT_COLUMN' ? parts.slice(0, -1) : isWhole ? parts : []
  const name = table.at(-1)
  return name === undefined ? null : { schema: table.at(-2) ?? null, name }
}

/** What goes with the table, sequence or view that they name. */
const onMade = new Set([
  'IndexStmt',
  'AlterTableStmt',
  'AlterSeqStmt',
  'CreateTrigStmt',
  'CreatePolicyStmt',
  'AlterPolicyStmt',
])

function indexInverse(statement: TreeNode | null, nth: number): Inverse {
  const isConcurrent = statement?.['concurrent'] === true
  const relation = child(statement, 'relation')
  if (statement?.['if_not_exists'] === true || relation === null) return none('R1')
  const name = indexName(statement)
  if (name !== null) return sql(`drop index ${isConcurrent ? 'concurrently if exists ' : ''}${shownNamed(name)}`)
  return isConcurrent
    ? { none: 'the server chooses the name of the index: give it one' }
    : { orders: [{ kind: 'drop-index', table: shownNamed(asNamed(relation)), nth }] }
}

function roleSetting(statement: TreeNode | null, { view }: Before): Inverse {
  const { roleSettings } = view.facts
  const role = text(child(statement, 'role'), 'rolename')
  const name = text(child(statement, 'setstmt'), 'name')?.toLowerCase()
  if (role === null || name === undefined || !roleSettings.seen) return none('R1')
  const database = text(statement, 'database')
  const old = roleSettings.value.find((one) => one.role === role && one.database === database && one.name === name)
  const where = `alter role ${shown(role)}${database === null ? '' : ` in database ${shown(database)}`}`
  return sql(old ? `${where} set ${shown(name)} = ${literal(old.value)}` : `${where} reset ${shown(name)}`)
}

/** The same words the other way round; what was granted already before is then lost. */
function granted(words: string): Inverse {
  const give = /^grant\s+(.+)\s+to\s+([^;]+?)(?:\s+with\s+.*)?;?$/is.exec(words)
  if (give) return surmised(sql(`revoke ${give[1] ?? ''} from ${give[2] ?? ''}`))
  const take = /^revoke\s+(?!grant\s+option)(.+)\s+from\s+([^;]+?)(?:\s+(?:cascade|restrict))?;?$/is.exec(words)
  return take ? surmised(sql(`grant ${take[1] ?? ''} to ${take[2] ?? ''}`)) : none('R1')
}

const renamed: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'table',
  OBJECT_INDEX: 'index',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_SEQUENCE: 'sequence',
}

function renameInverse(statement: TreeNode | null): Inverse {
  const type = text(statement, 'renameType') ?? ''
  const relation = child(statement, 'relation')
  const [from, to] = [text(statement, 'subname'), text(statement, 'newname')]
  if (to === null) return none('R1')
  if (type === 'OBJECT_SCHEMA' && from !== null) return sql(`alter schema ${shown(to)} rename to ${shown(from)}`)
  if (relation === null) return none('R1')
  const { schema, name } = asNamed(relation)
  const what = renamed[type]
  if (what !== undefined) return sql(`alter ${what} ${shownNamed({ schema, name: to })} rename to ${shown(name)}`)
  if (type === 'OBJECT_POLICY' && from !== null)
    return sql(`alter policy ${shown(to)} on ${shownNamed({ schema, name })} rename to ${shown(from)}`)
  const part = { OBJECT_COLUMN: 'column', OBJECT_TABCONSTRAINT: 'constraint' }[type]
  return part === undefined || from === null
    ? none('R1')
    : sql(`alter table ${shownNamed({ schema, name })} rename ${part} ${shown(to)} to ${shown(from)}`)
}

function subscriptionInverse(statement: TreeNode | null): Inverse {
  const name = text(statement, 'subname')
  switch (text(statement, 'kind')) {
    case 'ALTER_SUBSCRIPTION_REFRESH':
    case 'ALTER_SUBSCRIPTION_REFRESH_PUBLICATION':
      return nothing
    case 'ALTER_SUBSCRIPTION_ENABLED': {
      const wasOff = list(statement, 'options').some(
        (option) => child(child(child(option, 'DefElem'), 'arg'), 'Boolean')?.['boolval'] === true,
      )
      return name === null ? none('R2') : sql(`alter subscription ${shown(name)} ${wasOff ? 'disable' : 'enable'}`)
    }
    default:
      return none('R2')
  }
}
