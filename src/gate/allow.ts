import type { Change, ChangeKind } from '../core/change.ts'
import { AntemortemError } from '../core/error.ts'
import { matchesGlob } from '../core/glob.ts'

/** What somebody declared: changes of these kinds, of objects that fit the pattern. */
export interface Allowed {
  readonly word: string
  readonly kinds: readonly ChangeKind[]
  readonly pattern: string
}

/** As people write them after `--allow`. */
const words: Readonly<Record<string, readonly ChangeKind[]>> = {
  schema: ['schema'],
  settings: ['setting'],
  roles: ['role'],
  access: ['access'],
  topology: ['topology'],
  software: ['software'],
  files: ['connection', 'deployment'],
  data: ['data'],
}

/** Reads `schema:public.users,settings:work_mem`. Throws (exit 2) on what it does not know. */
export function readAllowed(options: readonly string[]): readonly Allowed[] {
  return options
    .flatMap((option) => option.split(','))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const colon = entry.indexOf(':')
      const word = colon < 0 ? entry : entry.slice(0, colon)
      const kinds = Object.hasOwn(words, word) ? words[word] : undefined
      const pattern = colon < 0 ? '*' : entry.slice(colon + 1)
      if (kinds !== undefined && pattern !== '') return { word, kinds, pattern }
      throw new AntemortemError(
        'usage',
        `--allow ${entry.slice(0, 80)}: there is no such declaration`,
        `Write KIND:OBJECT, for instance schema:public.users. Kinds: ${Object.keys(words).join(', ')}.`,
        { exit: 2 },
      )
    })
}

export const isAllowed = (change: Change, allowed: readonly Allowed[]): boolean =>
  allowed.some(
    ({ kinds, pattern }) => kinds.includes(change.kind) && namesOf(change).some((name) => fits(pattern, name)),
  )

/** A settings file that may be otherwise afterwards, whatever has changed in it. */
export const isFileAllowed = (file: string, allowed: readonly Allowed[]): boolean =>
  allowed.some(
    ({ kinds, pattern }) => kinds.includes('connection') && pathsOf(file).some((name) => fits(pattern, name)),
  )

const fits = (pattern: string, name: string): boolean => matchesGlob(pattern, name)

/** How people may call what has changed: with its node and without, a file by its path and by its last part. */
function namesOf({ object, source }: Change): readonly string[] {
  if (source === 'file' && object.includes('/')) {
    const [file = '', key] = object.split('#')
    return pathsOf(file).flatMap((path) => (key === undefined ? [path] : [path, `${path}#${key}`]))
  }
  const bare = object.slice(object.indexOf(':') + 1)
  const word = /^(?:role|publication|subscription|database|extension|slot) /.exec(bare)?.[0] ?? ''
  return [object, bare, bare.slice(word.length)]
}

const pathsOf = (file: string): readonly string[] => {
  const parts = file.split('/')
  return parts.map((_, at) => parts.slice(at).join('/'))
}
