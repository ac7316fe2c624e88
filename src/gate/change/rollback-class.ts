import type { RollbackClass } from '../../core/gate.ts'
import { reconnected } from './reconnected.ts'
import { below, child, list, text, type TreeNode } from './tree.ts'

/**
 * How far a statement can be taken back once it is committed, by its form alone. Where the form does not say (a function's
 * body may do anything), it is the class that promises least of what is likely.
 */
export function rollbackClass(tree: TreeNode): RollbackClass {
  const kind = Object.keys(tree)[0] ?? ''
  const statement = child(tree, kind)
  if (kind === 'AlterTableStmt') return worst(list(statement, 'cmds').map(ofColumnChange))
  if (kind === 'DropStmt') return dropped[text(statement, 'removeType') ?? ''] ?? 'R1'
  // Its slot waits meanwhile: what stood there before brings all of it back.
  if (reconnected(tree) !== null) return 'R1'
  // Which values it had given out by then, nobody knows any more.
  if (kind === 'AlterSeqStmt' && isRestarted(list(statement, 'options'))) return 'R3'
  if (kind === 'SelectStmt') return writes(tree) ? 'R3' : 'R0'
  // A new row is taken back by its key; one that was written over is gone.
  if (kind === 'InsertStmt')
    return text(child(statement, 'onConflictClause'), 'action') === 'ONCONFLICT_UPDATE' ? 'R3' : 'R1'
  return classes[kind] ?? 'R1'
}

const order: readonly RollbackClass[] = ['R0', 'R1', 'R2', 'R3', 'R4']

export const worst = (of: readonly RollbackClass[]): RollbackClass =>
  of.reduce((a, b) => (order.indexOf(a) >= order.indexOf(b) ? a : b), 'R0')

const classes: Readonly<Record<string, RollbackClass>> = {
  TransactionStmt: 'R0',
  VariableSetStmt: 'R0',
  VariableShowStmt: 'R0',
  ExplainStmt: 'R0',
  VacuumStmt: 'R0',
  ReindexStmt: 'R0',
  CheckPointStmt: 'R0',
  LockStmt: 'R0',
  // What a subscriber missed meanwhile does not come back by itself.
  CreatePublicationStmt: 'R2',
  AlterPublicationStmt: 'R2',
  CreateSubscriptionStmt: 'R2',
  AlterSubscriptionStmt: 'R2',
  DropSubscriptionStmt: 'R2',
  UpdateStmt: 'R3',
  DeleteStmt: 'R3',
  MergeStmt: 'R3',
  TruncateStmt: 'R3',
  DropdbStmt: 'R3',
  DropOwnedStmt: 'R3',
  DoStmt: 'R3',
  CallStmt: 'R3',
  // A value of an enum cannot be removed.
  AlterEnumStmt: 'R4',
}

const dropped: Readonly<Record<string, RollbackClass>> = {
  OBJECT_TABLE: 'R3',
  OBJECT_SCHEMA: 'R3',
  OBJECT_SEQUENCE: 'R3',
  OBJECT_FOREIGN_TABLE: 'R1',
  OBJECT_EXTENSION: 'R3',
  OBJECT_TYPE: 'R3',
  OBJECT_DOMAIN: 'R3',
  OBJECT_PUBLICATION: 'R2',
}

function ofColumnChange(command: unknown): RollbackClass {
  const subtype = text(child(command, 'AlterTableCmd'), 'subtype')
  const options = list(child(child(child(command, 'AlterTableCmd'), 'def'), 'List'), 'items')
  if (subtype === 'AT_SetIdentity' && isRestarted(options)) return 'R3'
  // A type may lose what the old one held: the cents of a numeric that becomes an int.
  if (subtype === 'AT_DropColumn' || subtype === 'AT_AlterColumnType') return 'R3'
  return subtype === 'AT_ReplicaIdentity' ? 'R2' : 'R1'
}

/** `with x as (delete …) select`. */
const writes = (tree: TreeNode): boolean =>
  [...below(tree)].some((node) => ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'].some((kind) => kind in node))

const isRestarted = (options: readonly unknown[]): boolean =>
  options.some((option) => text(child(option, 'DefElem'), 'defname') === 'restart')
