import type { Change } from '../core/change.ts'
import type { SettingsFileFact, SettingsKeyFact } from '../core/facts/cluster.ts'
import { subject } from '../core/subject.ts'

/** What an application's settings file says otherwise than before, key by key. A secret is only said to have changed. */
export function settingsFileChanges(before: SettingsFileFact, after: SettingsFileFact): readonly Change[] {
  const old = new Map(before.keys.map((key) => [key.key, key]))
  const now = new Map(after.keys.map((key) => [key.key, key]))
  const names = [...new Set([...old.keys(), ...now.keys()])].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return names.flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)]
    if (was?.value === is?.value) return []
    const object = subject.file(after.file, name)
    return [
      {
        id: `chg-${after.atMs}-${object.replaceAll(/[^\w.#-]+/g, '-')}`,
        atMs: after.atMs,
        notBeforeMs: Math.min(before.atMs, after.atMs),
        kind: 'connection',
        object,
        before: words(was, is),
        after: words(is, was),
        source: 'file',
      },
    ]
  })
}

/** The digest that stands for a password says nothing to anybody. */
function words(key: SettingsKeyFact | undefined, other: SettingsKeyFact | undefined): string | null {
  if (key === undefined) return null
  if (key.isSecret) return key.value === '' ? 'empty' : 'a secret'
  const plain = withoutDigest(key.value)
  return other !== undefined && withoutDigest(other.value) === plain ? `${plain}, with another password` : plain
}

const withoutDigest = (value: string): string => value.replace(/ #[0-9a-f]{12}$/, '')
