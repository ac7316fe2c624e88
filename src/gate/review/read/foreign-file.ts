import type { ForeignSetting } from '../input.ts'
import { sharpComments } from './settings-file.ts'

const pair = /^\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*=\s*(.*?)\s*$/

/** `key = value` lines of an application's or a pooler's own file; sections and comments are passed over. */
export function readForeignFile(
  kind: ForeignSetting['kind'],
  name: string,
  text: string,
  old: string | null,
): readonly ForeignSetting[] {
  const { ignores } = sharpComments(name, text)
  const known = new Set((old ?? '').split('\n').map((line) => line.trim()))
  return text.split('\n').flatMap((line, n) => {
    if (/^\s*[#;[]/.test(line) || known.has(line.trim())) return []
    const [, key, value = ''] = pair.exec(line) ?? []
    return key === undefined
      ? []
      : [{ kind, key, value: value.replace(/^(["'])(.*)\1$/, '$2'), at: { file: name, line: n + 1, ignores } }]
  })
}
