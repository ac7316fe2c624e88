import { isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml'
import type { Place, Problem } from './problem.ts'

/** The file as it was parsed, and where everything stands in it. */
export interface YamlDocument {
  readonly value: unknown
  readonly problems: readonly Problem[]
  readonly scalars: readonly { readonly path: readonly PropertyKey[]; readonly text: string; readonly place: Place }[]
  /** Of the value at the path, of its key with `key`; of the nearest that exists where the path does not. */
  placeOf(path: readonly PropertyKey[], which?: 'key' | 'value'): Place
}

/** More than a thousand nodes fit; what is larger is not our file, and costs time before it can be refused. */
const largest = 262_144

/** Reads YAML from a hand that may be clumsy or hostile: every way to hang or to swell ends in a problem with its place. */
export function readDocument(text: string): YamlDocument {
  const lines = new LineCounter()
  const refused = refusal(text)
  if (refused) return broken([refused])
  let doc: Document.Parsed
  try {
    // yaml's own check of duplicate keys compares each with each: 6 s for 290 kB. Ours is below. Its pretty errors repeat the line.
    doc = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return broken([{ line: 1, column: 1, path: '', message: 'nested too deeply' }])
  }
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const complaints = [...doc.errors, ...doc.warnings]
  // The parser catches the end of its own stack, says so in the engine's words, and then misses every bracket's end.
  const deep = complaints.find(({ message: words }) => /maximum call stack|stack overflow/i.test(words))
  const wrong = deep ? [deep] : complaints.slice(0, 50)
  const problems: Problem[] = wrong.map((error) => ({ ...place(error.pos[0]), path: '', message: wordsOf(error) }))
  const scalars: YamlDocument['scalars'][number][] = []
  try {
    visit(doc, {
      Map: (_, { items }) => {
        problems.push(
          ...repeated(
            items.map(({ key }) => key),
            place,
          ),
        )
      },
      Scalar: (key, node, ancestors) => {
        if (key !== 'key' && typeof node.value === 'string')
          scalars.push({ path: pathOf(key, ancestors), text: node.value, place: place(node.range?.[0] ?? 0) })
      },
    })
    const value: unknown = problems.length > 0 ? null : doc.toJS({ maxAliasCount: 100 })
    return { value, problems, scalars, placeOf: (path, which = 'value') => place(offsetOf(doc, path, which)) }
  } catch (error) {
    // yaml says ReferenceError for aliases of aliases; a stack that ends is nesting that does not.
    if (!(error instanceof ReferenceError) && !(error instanceof RangeError)) throw error
    const message =
      error instanceof RangeError ? 'nested too deeply' : 'aliases that multiply themselves; write the values out'
    return broken([{ line: 1, column: 1, path: '', message }])
  }
}

function wordsOf({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document starts here; a configuration is one document'
  return /maximum call stack|stack overflow/i.test(message) ? 'nested too deeply' : message
}

const broken = (problems: readonly Problem[]): YamlDocument => ({
  value: null,
  problems,
  scalars: [],
  placeOf: () => ({ line: 1, column: 1 }),
})

function refusal(text: string): Problem | null {
  if (text.length > largest)
    return {
      line: 1,
      column: 1,
      path: '',
      message: `${text.length} characters are more than a configuration has (${largest})`,
    }
  // Control characters and the mark that stands for bytes that are no UTF-8.
  const binary = /[\0-\x08\v\f\x0e-\x1f\ufffd]/.exec(text) // oxlint-disable-line no-control-regex -- they are what is looked for
  if (binary) {
    const before = text.slice(0, binary.index)
    const column = binary.index - before.lastIndexOf('\n')
    return { line: before.split('\n').length, column, path: '', message: 'not a text file in UTF-8' }
  }
  if (/^\s*(?:#.*\s*)*$/.test(text.slice(0, 2_000)) && text.length <= 2_000)
    return { line: 1, column: 1, path: '', message: 'is empty; it needs at least `clusters:`' }
  return null
}

function repeated(keys: readonly unknown[], place: (offset: number) => Place): readonly Problem[] {
  const first = new Map<string, number>()
  const problems: Problem[] = []
  for (const key of keys) {
    if (!isScalar(key)) continue
    const word = String(key.value)
    const at = place(key.range?.[0] ?? 0)
    const line = first.get(word)
    if (line === undefined) first.set(word, at.line)
    else
      problems.push({
        ...at,
        path: '',
        message: `key '${word.slice(0, 80)}' stands here again (first on line ${line})`,
      })
  }
  return problems
}

function pathOf(key: number | string | null, ancestors: readonly unknown[]): readonly PropertyKey[] {
  const path = ancestors.flatMap((node, index): PropertyKey[] => {
    const next = ancestors[index + 1]
    if (isMap(node)) return []
    if (isSeq(node)) return next === undefined ? [] : [node.items.indexOf(next)]
    return typeof node === 'object' && node !== null && 'key' in node && isScalar(node.key)
      ? [String(node.key.value)]
      : []
  })
  return typeof key === 'number' ? [...path, key] : path
}

function offsetOf(doc: Document.Parsed, path: readonly PropertyKey[], which: 'key' | 'value'): number {
  let node: Node | null = doc.contents
  let key: unknown = null
  for (const step of path) {
    const inside: unknown = node && 'source' in node && 'resolve' in node ? node.resolve(doc) : node
    if (isMap(inside)) {
      const pair = inside.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
      if (!pair) break
      key = pair.key
      node = isNodeLike(pair.value) ? pair.value : null
    } else if (isSeq(inside) && typeof step === 'number') {
      const item = inside.items[step]
      if (!isNodeLike(item)) break
      key = item
      node = item
    } else break
  }
  const chosen = which === 'key' || node === null ? (key ?? node) : node
  return isNodeLike(chosen) ? (chosen.range?.[0] ?? 0) : 0
}

const isNodeLike = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'range' in value
