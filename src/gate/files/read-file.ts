import { readConfLine } from '../../core/conf-line.ts'
import { AntemortemError } from '../../core/error.ts'
import type { Comment } from '../change/comments.ts'
import { readComments } from '../change/comments.ts'
import type { ChangeStatement, ChangeText } from '../change/read-change.ts'
import { readChange } from '../change/read-change.ts'
import { kindOfFile } from './kind-of-file.ts'

/** A file of a change as statements: SQL as the server's parser splits it, a line of postgresql.conf each, a pg_hba.conf whole. */
export async function readChangeFile(file: ChangeText): Promise<readonly ChangeStatement[]> {
  const kind = kindOfFile(file.name)
  if (kind === 'sql') return readChange(file)
  if (kind === 'settings') return settingLines(file)
  if (kind === 'access-rules') return [accessRules(file)]
  throw new AntemortemError(
    'change-kind',
    `${file.name}: the copy has no program that would read it`,
    `Review it instead, without a copy: antemortem gate review ${file.name}`,
    { exit: 2 },
  )
}

/** A line that cannot be read goes along as it is: what the server says to it is part of the rehearsal. */
function settingLines({ name, text }: ChangeText): readonly ChangeStatement[] {
  const { sections, ignores } = commentsOf(name, text)
  let previous = 0
  return text.split('\n').flatMap((raw, index): ChangeStatement[] => {
    const line = index + 1
    const said = readConfLine(raw)
    if (said.kind === 'nothing') return []
    if (said.kind === 'include') throw included(name, line)
    const { name: setting, value } = said.kind === 'setting' ? said : { name: '', value: '' }
    const section = sections.findLast(({ at }) => at < line)
    const own = ignores.filter(({ at }) => at >= previous && at < line)
    previous = line
    return [
      {
        file: name,
        line,
        sql: raw.trim(),
        on: section?.words ?? null,
        onLine: section?.line ?? null,
        kind: 'SettingLine',
        tree: { SettingLine: { name: setting, value } },
        ignores: own,
      },
    ]
  })
}

function accessRules({ name, text }: ChangeText): ChangeStatement {
  const { sections, ignores } = commentsOf(name, text)
  const words = [...new Set(sections.flatMap((section) => section.words))]
  const line = text.split('\n').findIndex((raw) => !/^\s*(?:#|$)/.test(raw)) + 1
  return {
    file: name,
    line: Math.max(1, line),
    sql: text,
    on: words.length === 0 ? null : words,
    onLine: sections[0]?.line ?? null,
    kind: 'AccessRules',
    tree: { AccessRules: {} },
    ignores,
  }
}

/** The same comments as in SQL, behind `#`; where they stand is counted in lines. */
function commentsOf(name: string, text: string): ReturnType<typeof readComments> {
  const comments = text.split('\n').flatMap((raw, index): Comment[] => {
    const words = /^\s*#\s*(antemortem\b.*)$/.exec(raw)?.[1]
    return words === undefined ? [] : [{ at: index + 1, line: index + 1, text: `-- ${words}` }]
  })
  return readComments(name, comments)
}

const included = (name: string, line: number): AntemortemError =>
  new AntemortemError(
    'change-include',
    `${name}:${line}: it names another file, which is no part of the change`,
    'Name that file as well, each with its own lines.',
    { exit: 2 },
  )
