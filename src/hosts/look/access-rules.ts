import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { isAbsent, read, unread, unreadOf, type Reading } from '../reading.ts'
import { readTextFile } from './text-file.ts'
import { keepsNothing, type Depends } from './unmoved.ts'

const deepest = 10

/** Digest of the text of pg_hba.conf and of what it includes (since 16), without comments and spacing. */
export async function accessRulesDigest(path: string, depends: Depends = keepsNothing): Promise<Reading<string>> {
  const hash = createHash('sha256')
  const remedy = 'name it with the setting `hba_file`'
  try {
    const problem = await add(path, [], { take: (line) => void hash.update(`${line}\n`), depends })
    return problem === null ? read(hash.digest('hex').slice(0, 16)) : unread(problem, `correct ${path}`)
  } catch (error) {
    return unreadOf(error, path, remedy)
  }
}

interface To {
  readonly take: (line: string) => void
  readonly depends: Depends
}

/** Says what stands in the way; null where nothing does. */
async function add(path: string, above: readonly string[], to: To): Promise<string | null> {
  const { take, depends } = to
  if (above.length > deepest || above.includes(path)) return `${path} is included in a loop, or too deeply`
  await depends(path)
  const file = await readTextFile(path)
  if (!file.ok) return file.why
  for (const line of rulesOf(file.text)) {
    take(line)
    const [, how, name] = /^(include|include_if_exists|include_dir) "?([^"]+?)"?$/.exec(line) ?? []
    if (how === undefined || name === undefined) continue
    const target = isAbsolute(name) ? name : join(dirname(path), name)
    try {
      await depends(target)
      const names = how === 'include_dir' ? (await readdir(target)).filter((each) => /^[^.].*\.conf$/.test(each)) : ['']
      for (const each of names.toSorted((a, b) => (a < b ? -1 : 1))) {
        const problem = await add(each === '' ? target : join(target, each), [...above, path], to)
        if (problem !== null) return problem
      }
    } catch (error) {
      // That it is not there is a state as well: when it comes, the digest changes.
      if (!isAbsent(error)) throw error
      take(`absent ${target}`)
    }
  }
  return null
}

/** The rules of a text, one a line: a backslash at the end goes on (since 14), `#` outside quotes begins a comment. */
export const rulesOf = (text: string): readonly string[] =>
  text
    .replaceAll(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) =>
      line
        .replace(/^((?:[^"#]|"[^"]*")*)#.*$/, '$1')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '')
