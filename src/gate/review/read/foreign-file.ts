import { readEnvLines } from '../../../contracts/env-file.ts'
import type { Entry } from '../../../contracts/formats/format.ts'
import { assertText } from '../../../contracts/formats/format.ts'
import { formatOf } from '../../../contracts/formats/formats.ts'
import { AntemortemError } from '../../../core/error.ts'
import { redact } from '../../../core/redact.ts'
import type { ForeignFile, ForeignSetting, NotRead } from '../input.ts'
import type { ReviewFile } from './read-files.ts'
import { sharpComments } from './settings-file.ts'

/** What an application's or a pooler's own file says of connections, and what it said before. */
export function readForeignFile(
  kind: ForeignFile['kind'],
  { name, text, before, taken, readsOnly = { isWhole: false, keys: [] } }: ReviewFile,
): ForeignFile | NotRead {
  try {
    const old = before === null ? [] : settingsBefore(name, before)
    return { kind, settings: settingsIn(name, text), before: old, readsOnly }
  } catch (error) {
    if (taken !== 'settings' || !(error instanceof AntemortemError)) throw error
    const [, line = '1', words = error.message] = /^(?::(\d+))?: (.*)$/s.exec(error.message.slice(name.length)) ?? []
    return { file: name, line: Number(line), words }
  }
}

function settingsIn(name: string, text: string): readonly ForeignSetting[] {
  const entries = entriesOf(name, text)
  const { ignores } = sharpComments(name, text)
  return entries.map(({ key, value, isSecret, line }) => ({
    key,
    value: isSecret ? '' : redact(value),
    at: { file: name, line, ignores },
  }))
}

/** Of an environment every key: behind a prefix that nobody has named may be an address as well. */
function entriesOf(name: string, text: string): readonly Entry[] {
  assertText(text, name)
  const format = formatOf(name)
  if (format.name !== '.env') return format.entries(text, name, new Set())
  return readEnvLines(text).map((line) => ({ ...line, isSecret: false }))
}

/** What could not be read before is new now that it can. */
function settingsBefore(name: string, text: string): readonly ForeignSetting[] {
  try {
    return settingsIn(name, text)
  } catch (error) {
    if (error instanceof AntemortemError) return []
    throw error
  }
}
