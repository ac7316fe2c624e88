import { child, list, text, type TreeNode } from '../change/tree.ts'
import type { StatementResult } from '../rehearsal.ts'

/** A server setting that a change gives a node; null: back to what it was without it. */
export interface ChangedSetting {
  readonly name: string
  readonly value: string | null
}

/** By ALTER SYSTEM or by a line of postgresql.conf; null for any other statement. */
export function settingOf(tree: TreeNode): ChangedSetting | null {
  const line = child(tree, 'SettingLine')
  if (line !== null) {
    const name = text(line, 'name') ?? ''
    return name === '' ? null : { name, value: text(line, 'value') }
  }
  const set = child(child(tree, 'AlterSystemStmt'), 'setstmt')
  const name = text(set, 'name')?.toLowerCase()
  if (set === null || name === undefined) return null
  if (text(set, 'kind') !== 'VAR_SET_VALUE') return { name, value: null }
  return { name, value: list(set, 'args').map(valueOf).join(', ') }
}

/** A constant as it would stand in a file. */
function valueOf(argument: unknown): string {
  const constant = child(argument, 'A_Const')
  const named = text(child(constant, 'sval'), 'sval') ?? text(child(constant, 'fval'), 'fval')
  if (named !== null) return named
  const bool = child(constant, 'boolval')
  if (bool !== null) return bool['boolval'] === true ? 'on' : 'off'
  const number = child(constant, 'ival')
  return number === null ? '' : String(number['ival'] ?? 0)
}

/** The settings that a change has given one node, the last word of each. */
export function settingsOn(node: string, results: readonly StatementResult[]): ReadonlyMap<string, string | null> {
  const found = new Map<string, string | null>()
  for (const { statement, node: on, error } of results) {
    const setting = on === node && error === null ? settingOf(statement.tree) : null
    if (setting) found.set(setting.name, setting.value)
  }
  return found
}
