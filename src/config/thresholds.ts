import type { Check } from '../core/check.ts'
import type { YamlDocument } from './document.ts'
import { nearest } from './nearest.ts'
import { pathText, type Problem } from './problem.ts'
import { examples, readQuantity } from './quantity.ts'

/** The words that a configuration may use and that live above this folder: checks and their limits. */
export interface Vocabulary {
  readonly checks: readonly Pick<Check, 'id' | 'limits'>[]
}

type Written = Readonly<Record<string, Readonly<Record<string, string | number>>>>
type Thresholds = Readonly<Record<string, Readonly<Record<string, number>>>>

/** `thresholds` in each limit's own unit; what no check knows is a problem with the nearest that one does. */
export function readThresholds(
  written: Written,
  vocabulary: Vocabulary,
  document: YamlDocument,
): { readonly thresholds: Thresholds; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const thresholds: Record<string, Readonly<Record<string, number>>> = {}
  const complain = (path: readonly PropertyKey[], which: 'key' | 'value', message: string): void => {
    problems.push({ ...document.placeOf(path, which), path: pathText(path), message })
  }
  for (const [id, values] of Object.entries(written)) {
    const check = vocabulary.checks.find((known) => known.id === id)
    if (!check) {
      complain(
        ['thresholds', id],
        'key',
        unknown(
          'check',
          id,
          vocabulary.checks.map((known) => known.id),
        ),
      )
      continue
    }
    const limits = Object.entries(check.limits ?? {})
    const read: Record<string, number> = {}
    for (const [name, value] of Object.entries(values)) {
      const path = ['thresholds', id, name]
      const limit = limits.find(([known]) => plain(known) === plain(name))
      if (!limit)
        complain(
          path,
          'key',
          unknown(
            'limit',
            name,
            limits.map(([known]) => known),
          ),
        )
      else {
        const number = readQuantity(value, limit[1].unit)
        if (number === null) complain(path, 'value', `expected ${examples[limit[1].unit]}`)
        else read[limit[0]] = number
      }
    }
    thresholds[id] = read
  }
  return { thresholds, problems }
}

/** In the file a limit may be written without its unit (`lag: 5s` for `lagMs`), because the value carries one. */
const plain = (name: string): string =>
  name
    .replace(/[_-]/g, '')
    .toLowerCase()
    .replace(/(?<=.)(?:ms|bytes)$/, '')

function unknown(what: string, word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  if (near) return `unknown ${what} '${word.slice(0, 80)}', did you mean '${near}'?`
  const list = known.length > 0 && known.length <= 12 ? `; known here: ${known.join(', ')}` : ''
  return `unknown ${what} '${word.slice(0, 80)}'${list}`
}
