import { readEnvLines } from '../../../contracts/env-file.ts'
import type { Entry } from '../../../contracts/formats/format.ts'
import { assertText } from '../../../contracts/formats/format.ts'
import { formatOf } from '../../../contracts/formats/formats.ts'
import { AntemortemError } from '../../../core/error.ts'
import { redact } from '../../../core/redact.ts'
import type { ForeignSetting } from '../input.ts'
import { sharpComments } from './settings-file.ts'

/** What an application's or a pooler's own file says of connections. `old`: what it said so before is known, and not judged. */
export function readForeignFile(
  kind: ForeignSetting['kind'],
  name: string,
  text: string,
  old: string | null,
): readonly ForeignSetting[] {
  const { ignores } = sharpComments(name, text)
  const known = new Set(old === null ? [] : entriesBefore(name, old).map(wordsOf))
  return entriesOf(name, text)
    .filter((entry) => !known.has(wordsOf(entry)))
    .map(({ key, value, isSecret, line }) => ({
      kind,
      key,
      value: isSecret ? '' : redact(value),
      at: { file: name, line, ignores },
    }))
}

const wordsOf = ({ key, value }: Entry): string => JSON.stringify([key, value])

/** Of an environment every key: behind a prefix that nobody has named may be an address as well. */
function entriesOf(name: string, text: string): readonly Entry[] {
  assertText(text, name)
  const format = formatOf(name)
  if (format.name !== '.env') return format.entries(text, name, new Set())
  return readEnvLines(text).map((line) => ({ ...line, isSecret: false }))
}

/** What could not be read before is new now that it can. */
function entriesBefore(name: string, text: string): readonly Entry[] {
  try {
    return entriesOf(name, text)
  } catch (error) {
    if (error instanceof AntemortemError) return []
    throw error
  }
}
