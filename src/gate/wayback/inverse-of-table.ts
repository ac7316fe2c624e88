import type { TriggerFact } from '../../core/facts/postgres/objects.ts'
import type { ColumnFact, TableFact } from '../../core/facts/postgres/schema.ts'
import type { NodeView } from '../../core/snapshot.ts'
import { asNamed, type Named } from '../change/relations.ts'
import { child, list, text, type TreeNode } from '../change/tree.ts'
import type { Inverse } from './back-order.ts'
import { none, sql } from './back-order.ts'
import { tableBefore, type Before } from './before.ts'
import { shown, shownNamed } from './names.ts'
import { ofRowSecurity } from './told/row-security.ts'
import type { Told } from './told/told.ts'

export const commands = (statement: TreeNode | null): readonly TreeNode[] =>
  list(statement, 'cmds')
    .map((command) => child(command, 'AlterTableCmd'))
    .filter((command) => command !== null)

/** `alter table` in the reverse order of its commands, as one statement; what one of them cannot take back keeps all. */
export function tableInverse(
  statement: TreeNode | null,
  nth: number,
  { view }: Before,
  told: readonly Told[] | null,
): Inverse {
  const relation = child(statement, 'relation')
  const table = relation && asNamed(relation)
  const [only, ...others] = commands(statement)
  // Of views and sequences as well; the server puts it whole.
  if (others.length === 0 && text(only ?? null, 'subtype') === 'AT_ChangeOwner')
    return told === null || told.length === 0 ? none('R1') : sql(...told.map(({ words }) => words))
  if (!table || text(statement, 'objtype') !== 'OBJECT_TABLE') return none('R1')
  if (isUnnamed(only, others)) return { orders: [{ kind: 'drop-constraint', table: shownNamed(table), nth }] }
  const was = tableBefore(view, table)
  const parts: Part[] = []
  for (const command of commands(statement)) {
    const part = partOf(command, { was, told, triggers: triggersOf(view, table) })
    if (part === null) return { none: unseen(command, table) }
    parts.unshift(part)
  }
  const words = parts.flatMap((part) => (part.words === '' ? [] : [part.words]))
  const inverse = words.length === 0 ? sql() : sql(`alter table ${shownNamed(table)} ${words.join(', ')}`)
  return parts.some(({ isSurmised }) => isSurmised) ? { ...inverse, isSurmised: true } : inverse
}

const unseen = (command: TreeNode, table: Named): string =>
  text(command, 'subtype') === 'AT_DropColumn'
    ? 'what it throws away only a backup or another node has'
    : `${wordOf(command)} of ${shownNamed(table)}: what stood there before was not seen`

const wordOf = (command: TreeNode): string =>
  (text(command, 'subtype') ?? '')
    .replace(/^AT_/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()

/** What follows `alter table NAME`; '' where there is nothing to take back. */
interface Part {
  readonly words: string
  readonly isSurmised: boolean
}

const exact = (words: string): Part => ({ words, isSurmised: false })

/** A constraint to which the server gives its name: only the run itself sees which. A primary key may make columns not null. */
function isUnnamed(command: TreeNode | undefined, others: readonly TreeNode[]): boolean {
  const constraint = child(child(command, 'def'), 'Constraint')
  return (
    others.length === 0 &&
    text(command, 'subtype') === 'AT_AddConstraint' &&
    text(constraint, 'conname') === null &&
    ['CONSTR_CHECK', 'CONSTR_UNIQUE', 'CONSTR_FOREIGN', 'CONSTR_EXCLUSION'].includes(text(constraint, 'contype') ?? '')
  )
}

/** Of a whole statement. */
export function makesUnnamed(tree: TreeNode): boolean {
  const [only, ...others] = commands(child(tree, 'AlterTableStmt'))
  return isUnnamed(only, others)
}

interface Known {
  readonly was: TableFact | undefined
  readonly told: readonly Told[] | null
  readonly triggers: readonly TriggerFact[]
}

const triggersOf = ({ facts: { triggers } }: NodeView, { schema, name }: Named): readonly TriggerFact[] =>
  triggers.seen ? triggers.value.filter((one) => one.table === name && one.schema === (schema ?? 'public')) : []

const firing = { O: 'enable', D: 'disable', R: 'enable replica', A: 'enable always' } as const

/** The command that takes one back; null where it is not known. */
function partOf(command: TreeNode, { was, told, triggers }: Known): Part | null {
  const name = text(command, 'name') ?? ''
  const column = was?.columns.find((one) => one.name === name)
  const isNotNull = column?.notNull === true
  switch (text(command, 'subtype')) {
    case 'AT_AddColumn': {
      const added = text(child(child(command, 'def'), 'ColumnDef'), 'colname') ?? ''
      if (was?.columns.some((one) => one.name === added) !== true) return exact(`drop column ${shown(added)}`)
      // `if not exists` may have found one that holds values.
      return command['missing_ok'] === true ? exact('') : null
    }
    case 'AT_AddConstraint': {
      const constraint = text(child(child(command, 'def'), 'Constraint'), 'conname')
      if (constraint === null) return null
      // A primary key makes its columns not null, and they stay so without it.
      const keys = list(child(child(command, 'def'), 'Constraint'), 'keys').map((key) =>
        text(child(key, 'String'), 'sval'),
      )
      const isKey = text(child(child(command, 'def'), 'Constraint'), 'contype') === 'CONSTR_PRIMARY'
      const nullable = (was?.columns ?? []).filter((one) => isKey && !one.notNull && keys.includes(one.name))
      const loosened = nullable.map((one) => `, alter column ${shown(one.name)} drop not null`)
      return exact(`drop constraint ${shown(constraint)}${loosened.join('')}`)
    }
    case 'AT_SetNotNull':
      return column ? exact(isNotNull ? '' : `alter column ${shown(name)} drop not null`) : null
    case 'AT_DropNotNull':
      return column ? exact(isNotNull ? `alter column ${shown(name)} set not null` : '') : null
    case 'AT_ColumnDefault':
      return column ? exact(defaultOf(column)) : null
    case 'AT_AlterColumnType':
      return column ? typeOf(column) : null
    case 'AT_DropConstraint': {
      const words = told?.find((one) => one.name === name)?.words
      return words === undefined ? null : exact(words)
    }
    case 'AT_EnableTrig':
    case 'AT_DisableTrig':
    case 'AT_EnableReplicaTrig':
    case 'AT_EnableAlwaysTrig': {
      const trigger = triggers.find((one) => one.name === name)
      return trigger ? exact(`${firing[trigger.enabled]} trigger ${shown(name)}`) : null
    }
    case 'AT_ReplicaIdentity':
      return was ? identityOf(was) : null
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
      return was ? exact(was.unlogged ? 'set unlogged' : 'set logged') : null
    // A constraint that has been found true harms nobody.
    case 'AT_ValidateConstraint':
      return exact('')
    case 'AT_EnableRowSecurity':
    case 'AT_DisableRowSecurity':
    case 'AT_ForceRowSecurity':
    case 'AT_NoForceRowSecurity': {
      const words = told?.find((one) => one.name === ofRowSecurity)?.words
      return words === undefined ? null : exact(words)
    }
    default:
      return null
  }
}

const defaultOf = ({ name, default: words }: ColumnFact): string =>
  `alter column ${shown(name)} ${words === null ? 'drop default' : `set default ${words}`}`

/** What the old type does not hold is gone. */
const typeOf = ({ name, type }: ColumnFact): Part => ({
  words: `alter column ${shown(name)} type ${type} using ${shown(name)}::${type}`,
  isSurmised: true,
})

/** By which index it was identified the facts do not say. */
function identityOf({ replicaIdentity }: TableFact): Part | null {
  const words = { d: 'default', n: 'nothing', f: 'full', i: null }[replicaIdentity]
  return words === null ? null : exact(`replica identity ${words}`)
}
