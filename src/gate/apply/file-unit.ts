import { basename } from 'node:path'
import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { Scalar } from '../../core/json.ts'
import { redact } from '../../core/redact.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { ServerFile } from '../../engines/postgres/act/server-files.ts'
import { settingOf } from '../files/settings-of.ts'
import type { SettingLine } from '../files/with-settings.ts'
import type { Unit } from './units.ts'

/** Which file of its server a unit writes; null: it is SQL. */
export function fileOf({ statements: [first] }: Pick<Unit, 'statements'>): ServerFile | null {
  if (first?.kind === 'SettingLine') return 'settings'
  return first?.kind === 'AccessRules' ? 'access-rules' : null
}

export const fileNames: Readonly<Record<ServerFile, string>> = {
  settings: 'postgresql.conf',
  'access-rules': 'pg_hba.conf',
}

/** The lines of a unit that writes settings, or the whole text of its access rules, as a step carries them. */
export function fileInput(unit: Unit): Readonly<Record<string, Scalar>> {
  const which = fileOf(unit)
  const lines = unit.statements.map(({ tree, sql }): SettingLine => ({ name: settingOf(tree)?.name ?? '', line: sql }))
  return which === 'settings'
    ? { file: which, lines: JSON.stringify(lines) }
    : { file: which, text: unit.statements[0]?.sql ?? '' }
}

/** In the words of a plan. */
export function fileWords(unit: Unit): string {
  const [first] = unit.statements
  if (fileOf(unit) === 'settings')
    return redact(`write into postgresql.conf: ${unit.statements.map(({ sql }) => sql).join('; ')}`)
  const rules = (first?.sql ?? '').split('\n').filter((line) => !/^\s*(?:#|$)/.test(line)).length
  return `write pg_hba.conf anew as ${basename(first?.file ?? '')} has it: ${rules} rules`
}

/** A server's files are written on its own host alone. */
export function assertReachable(units: readonly Unit[], { nodes }: ClusterConfig): void {
  for (const unit of units) {
    const [first] = unit.statements
    const which = fileOf(unit)
    const host = nodes.find(({ name }) => name === unit.node)?.host
    if (!first || which === null || (host && host.ssh === null && host.data !== null)) continue
    const instead = which === 'settings' ? '; or write its settings as "alter system set …"' : ''
    throw new AntemortemError(
      'host-missing',
      `${first.file}:${first.line}: ${fileNames[which]} of ${unit.node} is not to be written from here: nodes.${unit.node} has no local host`,
      `Run gate apply on the host of ${unit.node}, with nodes.${unit.node}.host: { local: true, data: DIR }${instead}.`,
      { exit: 2 },
    )
  }
}

/** What ALTER SYSTEM has written has the last word: a line of postgresql.conf would change nothing. */
export function assertEffective(units: readonly Unit[], { nodes }: Snapshot): void {
  for (const unit of units.filter((each) => fileOf(each) === 'settings')) {
    const lines = nodes.find(({ name }) => name === unit.node)?.facts.fileSettings
    if (!lines?.seen) continue
    for (const { tree, file, line } of unit.statements) {
      const name = settingOf(tree)?.name
      const last = lines.value.findLast((one) => one.name === name)
      if (name === undefined || !last?.file.endsWith('/postgresql.auto.conf')) continue
      throw new AntemortemError(
        'setting-overridden',
        `${file}:${line}: ${name} of ${unit.node} was set by ALTER SYSTEM, which has the last word over postgresql.conf`,
        `Write it as "alter system set ${name} = …", or take that word back first: alter system reset ${name}.`,
        { exit: 2 },
      )
    }
  }
}
