import { literal } from '../../engines/postgres/rows/sql.ts'
import type { Named } from '../change/relations.ts'
import { dottedName, indexName } from '../change/relations.ts'
import { child, list, text, type TreeNode } from '../change/tree.ts'
import { commands } from '../wayback/inverse-of-table.ts'
import { shownNamed } from '../wayback/names.ts'

/** How a statement has to be run. */
export interface Manner {
  /** Not inside a transaction block. */
  readonly isAlone: boolean
  /** It may keep others from writing: it waits and runs within the lock budget. */
  readonly isBounded: boolean
  /** What it sets for its session, beyond the statement. */
  readonly isSessionSetting: boolean
  /** After an answer that never came. */
  readonly again: Again
}

/** Of a statement that ran alone: how one sees whether it was done. */
export type Again =
  /** Done twice it is as done once. */
  | { readonly by: 'repeating' }
  /** A query whose only value says it; what to clear away before another attempt. */
  | { readonly by: 'looking'; readonly done: string; readonly clear: string | null }
  | { readonly by: 'nobody' }

/** The same in another run and on another server: by the form of the statement alone. */
export function mannerOf(tree: TreeNode): Manner {
  const kind = Object.keys(tree)[0] ?? ''
  const statement = child(tree, kind)
  const isAlone = runsAlone(kind, statement)
  return {
    isAlone,
    isBounded: !locksNobodyOut(kind, statement),
    isSessionSetting: kind === 'VariableSetStmt' && statement?.['is_local'] !== true,
    again: isAlone ? again(kind, statement) : { by: 'nobody' },
  }
}

const alone = new Set([
  'AlterSystemStmt',
  'CreatedbStmt',
  'DropdbStmt',
  'CreateTableSpaceStmt',
  'DropTableSpaceStmt',
  'CreateSubscriptionStmt',
  'AlterSubscriptionStmt',
  'DropSubscriptionStmt',
  // It may end transactions itself.
  'CallStmt',
])

function runsAlone(kind: string, statement: TreeNode | null): boolean {
  if (alone.has(kind)) return true
  if (kind === 'IndexStmt' || kind === 'DropStmt') return statement?.['concurrent'] === true
  if (kind === 'VacuumStmt') return statement?.['is_vacuumcmd'] === true
  if (kind === 'ReindexStmt') return hasOption(statement, 'params', 'concurrently') || isWhole(statement)
  if (kind === 'ClusterStmt') return child(statement, 'relation') === null
  return kind === 'AlterTableStmt' && commands(statement).some(isConcurrentDetach)
}

/** What takes a lock under which everybody else goes on writing, or writes only rows that nobody else has seen. */
function locksNobodyOut(kind: string, statement: TreeNode | null): boolean {
  switch (kind) {
    case 'IndexStmt':
    case 'DropStmt':
      return statement?.['concurrent'] === true
    case 'ReindexStmt':
      return hasOption(statement, 'params', 'concurrently')
    case 'VacuumStmt':
      return !hasOption(statement, 'options', 'full')
    case 'AlterTableStmt':
      return commands(statement).every(
        (command) => text(command, 'subtype') === 'AT_ValidateConstraint' || isConcurrentDetach(command),
      )
    case 'SelectStmt':
      return list(statement, 'lockingClause').length === 0
    default:
      return quiet.has(kind)
  }
}

const quiet = new Set([
  'InsertStmt',
  'CopyStmt',
  'ExplainStmt',
  'CreateTableAsStmt',
  'AlterSystemStmt',
  'CreatedbStmt',
  'DropdbStmt',
  'CreateSubscriptionStmt',
  'AlterSubscriptionStmt',
  'DropSubscriptionStmt',
  'CheckPointStmt',
  'CallStmt',
])

function again(kind: string, statement: TreeNode | null): Again {
  const exists = (query: string, is: boolean): Again => ({
    by: 'looking',
    done: `select ${is ? '' : 'not '}exists (${query})`,
    clear: null,
  })
  switch (kind) {
    case 'AlterSystemStmt':
    case 'VacuumStmt':
    case 'ReindexStmt':
    case 'ClusterStmt':
      return { by: 'repeating' }
    case 'AlterSubscriptionStmt':
      return text(statement, 'kind') === 'ALTER_SUBSCRIPTION_SKIP' ? { by: 'nobody' } : { by: 'repeating' }
    case 'CreateSubscriptionStmt':
    case 'DropSubscriptionStmt': {
      const name = literal(text(statement, 'subname') ?? '')
      return exists(`select from pg_catalog.pg_subscription where subname = ${name}`, kind.startsWith('Create'))
    }
    case 'CreatedbStmt':
    case 'DropdbStmt': {
      const name = literal(text(statement, 'dbname') ?? '')
      return exists(`select from pg_catalog.pg_database where datname = ${name}`, kind.startsWith('Create'))
    }
    case 'IndexStmt': {
      const name = indexName(statement)
      return name === null ? { by: 'nobody' } : indexBuilt(name)
    }
    case 'DropStmt': {
      const [name] = list(statement, 'objects').map(dottedName)
      return name === undefined
        ? { by: 'nobody' }
        : {
            by: 'looking',
            done: `select pg_catalog.to_regclass(${literal(shownNamed(name))}) is null`,
            clear: null,
          }
    }
    default:
      return { by: 'nobody' }
  }
}

/** What an attempt that failed leaves is an index that is not valid. */
function indexBuilt(name: Named): Again {
  const index = literal(shownNamed(name))
  return {
    by: 'looking',
    done: `select coalesce((select indisvalid from pg_catalog.pg_index
      where indexrelid = pg_catalog.to_regclass(${index})), false)`,
    clear: `drop index concurrently if exists ${shownNamed(name)}`,
  }
}

const isConcurrentDetach = (command: TreeNode): boolean =>
  child(child(command, 'def'), 'PartitionCmd')?.['concurrent'] === true

const hasOption = (statement: TreeNode | null, place: string, name: string): boolean =>
  list(statement, place).some((option) => text(child(option, 'DefElem'), 'defname') === name)

const isWhole = (statement: TreeNode | null): boolean =>
  ['REINDEX_OBJECT_SCHEMA', 'REINDEX_OBJECT_SYSTEM', 'REINDEX_OBJECT_DATABASE'].includes(text(statement, 'kind') ?? '')
