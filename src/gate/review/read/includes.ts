import type { NotRead } from '../input.ts'
import { kindOfFile } from '../../files/kind-of-file.ts'
import type { ReviewFile } from './read-files.ts'

/** A line by which a server reads on in another file. */
export interface Include {
  /** `include`, `include_if_exists`, `include_dir` */
  readonly word: string
  readonly path: string
  readonly line: number
}

/** The files that an include means, of those that were given; in the order in which the server reads them. */
export function meantBy({ word, path }: Include, from: string, files: readonly ReviewFile[]): readonly ReviewFile[] {
  const target = beside(from, path)
  if (word !== 'include_dir') return files.filter(({ name }) => name === target)
  const inside = files.filter(({ name }) => folderOf(name) === target && /(^|\/)[^./][^/]*\.conf$/.test(name))
  return inside.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Files that are read at their place in a pg_hba.conf, and are no file of their own. */
export function accessPieces(files: readonly ReviewFile[]): ReadonlySet<string> {
  const found = new Set<string>()
  const walk = ({ name, text }: ReviewFile, root: string): void => {
    for (const piece of accessIncludes(text).flatMap((include) => meantBy(include, name, files)))
      if (piece.name !== root && !found.has(piece.name)) {
        found.add(piece.name)
        walk(piece, root)
      }
  }
  for (const file of files) if (kindOfFile(file.name) === 'access-rules' && !found.has(file.name)) walk(file, file.name)
  return found
}

/** The includes of a pg_hba.conf. */
export const accessIncludes = (text: string): readonly Include[] =>
  text.split('\n').flatMap((raw, n) => {
    const [, word = '', path = ''] = /^\s*(include(?:_if_exists|_dir)?)\s+"?([^"#]+?)"?\s*(?:#.*)?$/.exec(raw) ?? []
    return path === '' ? [] : [{ word, path, line: n + 1 }]
  })

/** Those that lead to no file that was given. */
export const unknownIncludes = (
  file: string,
  includes: readonly Include[],
  files: readonly ReviewFile[],
): readonly NotRead[] =>
  includes
    .filter((include) => meantBy(include, file, files).length === 0)
    .map(({ word, path, line }) => ({ file, line, words: `${word} ${path}: name what it reads, too` }))

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** A path of a file's text, from the folder that the file is in. */
function beside(file: string, path: string): string {
  if (path.startsWith('/')) return path.replace(/\/+$/, '')
  const parts = folderOf(file).split('/').filter(Boolean)
  for (const part of path.split('/'))
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  return `${file.startsWith('/') ? '/' : ''}${parts.join('/')}`
}
