import type { ChangeStatement } from '../change/read-change.ts'
import type { Named } from '../change/relations.ts'
import { asNamed, createdTable } from '../change/relations.ts'
import { rollbackClass } from '../change/rollback-class.ts'
import { child, list, text, type TreeNode } from '../change/tree.ts'
import { alterTableInverse } from './inverse-alter.ts'
import { indexName } from './manner.ts'
import { shown, shownNamed } from './names.ts'

/** One order of the way back. What only the run itself knows is put in when it is carried out. */
export type BackOrder =
  | { readonly kind: 'sql'; readonly sql: string }
  /** A table that this change has made; `guarded`: only while nobody else has written rows into it. */
  | { readonly kind: 'drop-table'; readonly table: string; readonly guarded: boolean }
  /** The rows that its own transaction has inserted, all of them and as they were. */
  | { readonly kind: 'delete-rows'; readonly table: string; readonly nth: number }
  /** An index to which the server gave its name. */
  | { readonly kind: 'drop-index'; readonly nth: number }
  /** A setting of the server, as it was kept before. */
  | { readonly kind: 'setting'; readonly name: string | null }

export type Inverse = { readonly orders: readonly BackOrder[] } | { readonly none: string }

/** What the node said before the change; null: it does not have it. */
export interface Before {
  readonly hasTable: (named: Named) => boolean
  readonly column: (
    table: Named,
    column: string,
  ) => { readonly notNull: boolean; readonly default: string | null } | null
  /** The change makes this table here: with it goes all that is made on it. */
  readonly isMade: (named: Named) => boolean
  /** The change makes this table on the node that writes its rows, too. */
  readonly hasTwin: (named: Named) => boolean
}

export const nothing: Inverse = { orders: [] }
export const sql = (text: string): Inverse => ({ orders: [{ kind: 'sql', sql: text }] })

/** The exact inverse of a statement, or why there is none. `nth` counts the statements of its transaction. */
export function inverseOf({ tree, kind }: ChangeStatement, nth: number, before: Before): Inverse {
  const statement = child(tree, kind)
  const rollback = rollbackClass(tree)
  if (rollback === 'R0') return nothing
  const created = createdTable(tree)
  if (created) {
    if (before.hasTable(created)) return nothing
    return { orders: [{ kind: 'drop-table', table: shownNamed(created), guarded: !before.hasTwin(created) }] }
  }
  const relation = child(statement, 'relation')
  if (onTable.has(kind) && relation && before.isMade(asNamed(relation))) return nothing
  switch (kind) {
    case 'IndexStmt':
      return indexInverse(statement, nth)
    case 'InsertStmt':
      return insertInverse(statement, nth, rollback)
    case 'AlterTableStmt':
      return rollback === 'R3' ? none(rollback) : alterTableInverse(statement, before)
    case 'RenameStmt':
      return renameInverse(statement)
    case 'AlterSystemStmt':
      return { orders: [{ kind: 'setting', name: text(child(statement, 'setstmt'), 'name') }] }
    case 'CreatePublicationStmt':
      return sql(`drop publication ${shown(text(statement, 'pubname') ?? '')}`)
    case 'AlterPublicationStmt':
      return publicationInverse(statement)
    default:
      return makes[kind]?.(statement) ?? none(rollback)
  }
}

const onTable = new Set(['IndexStmt', 'InsertStmt', 'AlterTableStmt', 'CreateTrigStmt'])

const reasons = {
  R1: 'its inverse needs what stood there before, which the statement does not say',
  R2: 'its inverse is not known from the statement, and subscribers would need a new copy',
  R3: 'what it throws away only a backup or another node has',
  R4: 'nothing brings it back',
} as const

const none = (rollback: 'R0' | keyof typeof reasons): Inverse => ({
  none: rollback === 'R0' ? 'there is nothing to undo' : reasons[rollback],
})

/** Statements that make a thing by its name; where it may replace another or find one, nobody knows what stood there. */
const makes: Readonly<Record<string, (statement: TreeNode | null) => Inverse | null>> = {
  ViewStmt: (statement) => (isTolerant(statement) ? null : drops('view', child(statement, 'view'))),
  CreateSeqStmt: (statement) => (isTolerant(statement) ? null : drops('sequence', child(statement, 'sequence'))),
  CreateSchemaStmt: (statement) =>
    isTolerant(statement) ? null : sql(`drop schema ${shown(text(statement, 'schemaname') ?? '')}`),
  CreateExtensionStmt: (statement) =>
    isTolerant(statement) ? null : sql(`drop extension ${shown(text(statement, 'extname') ?? '')}`),
  CreateRoleStmt: (statement) => sql(`drop role ${shown(text(statement, 'role') ?? '')}`),
  CreateEnumStmt: (statement) =>
    sql(
      `drop type ${list(statement, 'typeName')
        .map((part) => shown(text(child(part, 'String'), 'sval') ?? ''))
        .join('.')}`,
    ),
  CreateTrigStmt: (statement) => {
    const table = child(statement, 'relation')
    return isTolerant(statement) || table === null
      ? null
      : sql(`drop trigger ${shown(text(statement, 'trigname') ?? '')} on ${shownNamed(asNamed(table))}`)
  },
}

const isTolerant = (statement: TreeNode | null): boolean =>
  statement?.['replace'] === true || statement?.['if_not_exists'] === true

const drops = (what: string, relation: TreeNode | null): Inverse | null =>
  relation === null ? null : sql(`drop ${what} ${shownNamed(asNamed(relation))}`)

function indexInverse(statement: TreeNode | null, nth: number): Inverse {
  const isConcurrent = statement?.['concurrent'] === true
  if (statement?.['if_not_exists'] === true) return none('R1')
  const name = indexName(statement)
  if (name !== null) return sql(`drop index ${isConcurrent ? 'concurrently if exists ' : ''}${shownNamed(name)}`)
  return isConcurrent
    ? { none: 'the server chooses the name of the index: give it one' }
    : { orders: [{ kind: 'drop-index', nth }] }
}

function insertInverse(statement: TreeNode | null, nth: number, rollback: 'R1' | 'R2' | 'R3' | 'R4'): Inverse {
  const relation = child(statement, 'relation')
  if (rollback !== 'R1' || relation === null) return none(rollback)
  return { orders: [{ kind: 'delete-rows', table: shownNamed(asNamed(relation)), nth }] }
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
  const part = { OBJECT_COLUMN: 'column', OBJECT_TABCONSTRAINT: 'constraint' }[type]
  return part === undefined || from === null
    ? none('R1')
    : sql(`alter table ${shownNamed({ schema, name })} rename ${part} ${shown(to)} to ${shown(from)}`)
}

function publicationInverse(statement: TreeNode | null): Inverse {
  const tables = list(statement, 'pubobjects').map((object) =>
    child(child(child(object, 'PublicationObjSpec'), 'pubtable'), 'relation'),
  )
  const named = tables.flatMap((relation) => (relation === null ? [] : [shownNamed(asNamed(relation))]))
  if (text(statement, 'action') !== 'AP_AddObjects' || named.length !== tables.length || named.length === 0)
    return none('R2')
  return sql(`alter publication ${shown(text(statement, 'pubname') ?? '')} drop table ${named.join(', ')}`)
}

/** In the words of a plan. */
export function wordsOf(order: BackOrder): string {
  switch (order.kind) {
    case 'sql':
      return order.sql
    case 'drop-table':
      return `drop table ${order.table}${order.guarded ? ', if nobody else has written rows into it' : ''}`
    case 'delete-rows':
      return `delete the rows that it has inserted into ${order.table}`
    case 'drop-index':
      return 'drop the index that it has made'
    default:
      return order.name === null ? 'set every setting back' : `set ${order.name} back to what it was`
  }
}
