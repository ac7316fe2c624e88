import { createHmac } from 'node:crypto'
import type { SettingsKeyFact } from '../core/facts/cluster.ts'
import { redact } from '../core/redact.ts'
import { assertText, type Entry } from './formats/format.ts'
import { formatOf } from './formats/formats.ts'

/**
 * What a settings file says of its database connections, key by key; nothing else of the file is kept. A secret is only a digest
 * with this process's own key: it shows that it has changed, and nothing outside this process.
 */
export function settingsKeys(
  { file, text }: { readonly file: string; readonly text: string },
  named: ReadonlySet<string>,
  key: Buffer,
): readonly Pick<SettingsKeyFact, 'key' | 'value' | 'isSecret'>[] {
  assertText(text, file)
  return formatOf(file)
    .entries(text, file, named)
    .map((entry) => ({ key: entry.key, ...shown(entry, key) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

const digest = (value: string, key: Buffer): string =>
  `#${createHmac('sha256', key).update(value).digest('hex').slice(0, 12)}`

function shown({ value, isSecret }: Entry, key: Buffer): Pick<SettingsKeyFact, 'value' | 'isSecret'> {
  if (isSecret) return { value: value === '' ? '' : digest(value, key), isSecret }
  const masked = redact(value)
  // The mask hides the password of a URL, and with it that it has changed.
  return { value: masked === value ? value : `${masked} ${digest(value, key)}`, isSecret }
}
