import type { YamlDocument } from './document.ts'
import { pathText, type Place, type Problem } from './problem.ts'

const inUrl = /[a-z][a-z0-9+.-]{0,40}:\/\/[^\s:/@'"]{0,200}:[^\s@'"]+@/gi
const asKeyword = /(?:^|[\s?&;])(?:pg|ssl)?(?:password|passwd|pwd)\s*=\s*[^\s&;]/i

const message =
  'a password must not stand in this file: write env:NAME, file:PATH or service=NAME, or take it out of the address and leave it to ~/.pgpass'

/**
 * Passwords that were written into the file, by place and never by value. The whole text is looked at, comments too: a file
 * that is committed keeps them just the same.
 */
export function passwordsIn(text: string, document: YamlDocument): readonly Problem[] {
  const lineOf = places(text)
  const inAddresses = document.scalars
    // A statement may compare a column named password; the URL form gives no such doubt.
    .filter((scalar) => (!isStatement(scalar.path) && asKeyword.test(scalar.text)) || scalar.text.search(inUrl) >= 0)
    .map(({ path, place }) => ({ ...place, path: pathText(path), message }))
  const named = new Set(inAddresses.map(({ line }) => line))
  const elsewhere = [...text.matchAll(inUrl)]
    .map((match) => lineOf(match.index))
    .filter(({ line }) => !named.has(line))
    .map((place) => ({ ...place, path: '', message }))
  return [...inAddresses, ...elsewhere]
}

const isStatement = (path: readonly PropertyKey[]): boolean => path.at(-1) === 'canary' || path.at(-1) === 'sql'

function places(text: string): (offset: number) => Place {
  return (offset) => {
    const before = text.slice(0, offset)
    return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
  }
}
