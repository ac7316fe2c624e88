import { child, list, text, type TreeNode } from '../change/tree.ts'
import { constantOf } from '../review/calls.ts'
import { knownSetting } from '../review/known-settings.ts'
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
  // The parser gives true and 'true' alike; of a command or a name, the word itself is the value.
  const isText = knownSetting(name)?.type === 'string'
  const values = list(set, 'args').map((argument) => {
    const value = constantOf(argument) ?? ''
    return isText ? value : (words[value] ?? value)
  })
  return { name, value: values.join(', ') }
}

/** As a file spells them. */
const words: Readonly<Record<string, string>> = { true: 'on', false: 'off' }

/** The settings that a change has given one node, the last word of each. */
export function settingsOn(node: string, results: readonly StatementResult[]): ReadonlyMap<string, string | null> {
  const found = new Map<string, string | null>()
  for (const { statement, node: on, error } of results) {
    const setting = on === node && error === null ? settingOf(statement.tree) : null
    if (setting) found.set(setting.name, setting.value)
  }
  return found
}
