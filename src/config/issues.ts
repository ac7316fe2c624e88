import type { z } from 'zod'
import type { YamlDocument } from './document.ts'
import { nearest } from './nearest.ts'
import { pathText, type Problem } from './problem.ts'
import { shapeAt } from './schema.ts'

type Issue = z.core.$ZodIssue

/** A file that is wrong in more places is not mended by reading about each; finding the places would take minutes. */
const most = 100

/** The schema's complaints in our words, each at its place. No word of a value is repeated: it may be a secret. */
export function problemsOf(all: readonly Issue[], document: YamlDocument): readonly Problem[] {
  const issues = all
    .slice(0, most)
    .map((issue) => (issue.code === 'unrecognized_keys' ? { ...issue, keys: issue.keys.slice(0, most) } : issue))
  // `noodes` is the one mistake; that `nodes` is missing because of it would be a second voice for it.
  const meant = new Set(issues.flatMap((issue) => meantKeys(issue).map((key) => pathText([...issue.path, key]))))
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(issue.path, key, document))
    const isMissing = issue.code === 'invalid_type' && valueAt(document.value, issue.path) === undefined
    if (isMissing && meant.has(pathText(issue.path))) return []
    const which = issue.code === 'invalid_key' ? 'key' : 'value'
    return [
      {
        ...document.placeOf(issue.path, which),
        path: pathText(issue.path),
        message: isMissing ? 'is missing' : words(issue),
      },
    ]
  })
}

function words(issue: Issue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message
  if (issue.code === 'invalid_type') return `expected ${kinds[issue.expected] ?? issue.expected}`
  return issue.message
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  object: 'keys with values',
  record: 'names with values',
  array: 'a list',
}

const meantKeys = (issue: Issue): readonly string[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.flatMap((key) => nearest(key, shapeAt(issue.path)?.known ?? []) ?? [])
    : []

function unknownKey(at: readonly PropertyKey[], key: string, document: YamlDocument): Problem {
  const path = [...at, key]
  return { ...document.placeOf(path, 'key'), path: pathText(path), message: unknownWords(key, shapeAt(at)) }
}

function unknownWords(key: string, shape: ReturnType<typeof shapeAt>): string {
  const word = key.slice(0, 80)
  if (!shape) return `unknown key '${word}'`
  if (shape.planned.includes(key)) return `'${key}' is not in this version yet; take it out`
  const near = nearest(key, [...shape.known, ...shape.planned])
  if (near && shape.planned.includes(near))
    return `unknown key '${word}'; if '${near}' is meant, that is not in this version yet`
  if (near) return `unknown key '${word}', did you mean '${near}'?`
  return `unknown key '${word}'; known here: ${shape.known.join(', ')}`
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inside, key) => (typeof inside === 'object' && inside !== null ? Reflect.get(inside, key) : undefined),
    value,
  )
}
