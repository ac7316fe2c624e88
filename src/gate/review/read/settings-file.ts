import { readConfLine } from '../../../core/conf-line.ts'
import { readComments } from '../../change/comments.ts'
import type { Place, SettingChange, Unreadable } from '../input.ts'
import { nodesFor, type NodeWords } from '../targets.ts'
import type { Include } from './includes.ts'

/** Comments of files in which `#` begins one say to us what `--` says in SQL. */
export const sharpComments = (name: string, text: string): ReturnType<typeof readComments> =>
  readComments(
    name,
    text.split('\n').flatMap((line, n) => {
      const comment = /^\s*#(\s*antemortem.*)$/.exec(line)?.[1]
      return comment === undefined ? [] : [{ at: n + 1, line: n + 1, text: `--${comment.trimEnd()}` }]
    }),
  )

export interface SettingsFile {
  readonly settings: readonly SettingChange[]
  readonly unreadable: readonly Unreadable[]
  readonly includes: readonly Include[]
}

/** Lines of postgresql.conf or a piece of it. `old`: lines that stood there before are known, and not judged. */
export function readSettingsFile(name: string, text: string, cluster: NodeWords, old: string | null): SettingsFile {
  const { sections, ignores } = sharpComments(name, text)
  const known = new Set((old ?? '').split('\n').map((line) => line.trim()))
  const settings: SettingChange[] = []
  const unreadable: Unreadable[] = []
  const includes: Include[] = []
  let previous = 0
  text.split('\n').forEach((raw, n) => {
    const line = raw.replace(/\r$/, '')
    const said = readConfLine(line)
    if (said.kind === 'nothing') return
    const number = n + 1
    const section = sections.findLast(({ at }) => at < number)
    const nodes = nodesFor(section ?? null, name, cluster)
    const at: Place = {
      file: name,
      line: number,
      ignores: ignores.filter((ignore) => ignore.at > previous && ignore.at < number),
    }
    previous = number
    if (old !== null && known.has(line.trim())) return
    if (said.kind === 'wrong') {
      const subject = /^\s*(\w+)/.exec(line)?.[1] ?? 'line'
      unreadable.push({ what: 'setting', subject, words: 'is no line of the form name = value', nodes, at })
    } else if (said.kind === 'include') includes.push({ word: said.how, path: said.path, line: number })
    else settings.push({ name: said.name, value: said.value, via: 'file', owner: null, nodes, at })
  })
  // Of a name that stands twice, the server takes the last.
  const last = new Map(settings.map((setting) => [`${setting.nodes.join()} ${setting.name}`, setting]))
  return { settings: [...last.values()], unreadable, includes }
}
