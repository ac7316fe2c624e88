import { subject } from '../core/subject.ts'
import type { Difference } from './difference.ts'
import { pairByName } from './difference.ts'

/** They say what the server is or how it was built; their change is already told as another kind. */
const notSettings = new Set(['server_version', 'server_version_num', 'in_hot_standby', 'data_directory_mode'])

type Settings = Readonly<Record<string, string>>

/** One difference for each setting that another session would get. A setting that came or went belongs to an extension. */
export function* settingDifferences(node: string, before: Settings, after: Settings): Iterable<Difference> {
  for (const [name, old, now] of pairByName(Object.entries(before), Object.entries(after), ([name]) => name)) {
    if (notSettings.has(name) || old?.[1] === now?.[1]) continue
    yield { kind: 'setting', object: subject.setting(node, name), before: old?.[1] ?? null, after: now?.[1] ?? null }
  }
}
