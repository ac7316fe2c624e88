import { createRequire } from 'node:module'
import type * as Yaml from 'yaml'
import type { Document, Node, YAMLMap } from 'yaml'
import { wrong } from './format.ts'

const require = createRequire(import.meta.url)
let loaded: typeof Yaml | null = null
/** Loaded by the first file that needs it: every start of the program would wait for it otherwise. Asking `require` again costs microseconds. */
const yaml = (): typeof Yaml => (loaded ??= require('yaml'))

/** A scalar of a mapping, its own or one that it has from another mapping (`<<: *default`). */
export interface YamlValue {
  readonly key: string
  readonly value: string
  readonly from: number
  readonly to: number
  readonly line: number
  /** false: it stands elsewhere, and others may share it. */
  readonly isOwn: boolean
}

/** A mapping with the values and mappings in it. */
export interface YamlBranch {
  readonly values: readonly YamlValue[]
  readonly branches: ReadonlyMap<string, YamlBranch>
  /** Where a key of its own can be put; null: it is another's mapping, or has none. */
  readonly room: YamlRoom | null
}

export interface YamlRoom {
  readonly isFlow: boolean
  /** Of the first key. */
  readonly first: number
  /** Of the end of what it takes in: in Ruby's YAML that wins over what stands before it. */
  readonly behind: number | null
}

/** Mappings in mappings, and mappings that mappings take in. */
const deepest = 8
/** Aliases of aliases can make of a page more mappings than there is memory. */
const most = 2_000

/** The mapping that a YAML file is. Throws (exit 2) with file and line on what is none. Pure. */
export function readYamlTree(text: string, file: string): YamlBranch {
  const lines = new (yaml().LineCounter)()
  const lineOf = (offset: number): number => Math.max(1, lines.linePos(offset).line)
  const tooDeep = wrong(file, 'is nested too deeply', 'A settings file has a few levels.')
  if (isNestedMadly(text)) throw tooDeep
  let doc: Document.Parsed
  try {
    // yaml's own check of duplicate keys compares each with each; its pretty errors repeat the line, with its secret.
    doc = yaml().parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep
    throw error
  }
  const [problem] = doc.errors
  if (problem && /maximum call stack|stack overflow/i.test(problem.message)) throw tooDeep
  if (problem) throw wrong(`${file}:${lineOf(problem.pos[0])}`, `is no YAML here (${problem.code})`, 'Mend the line.')
  const root = doc.contents
  if (!yaml().isMap(root)) throw wrong(file, 'is no mapping of names to settings', 'Name the file of the settings.')
  const targets = targetsIn(doc)
  let left = most
  return branchOf(root, 0)

  function assertRoom(depth: number): void {
    left -= 1
    if (depth > deepest) throw tooDeep
    if (left < 0) throw wrong(file, 'has aliases that multiply themselves', 'Write the values out.')
  }

  function branchOf(map: YAMLMap, depth: number): YamlBranch {
    assertRoom(depth)
    const values = new Map<string, YamlValue>()
    const branches = new Map<string, YamlBranch>()
    for (const pair of pairsOf(map, depth, true)) {
      const { key, node, isOwn } = pair
      const resolved = resolve(node)
      if (yaml().isMap(resolved)) {
        const inside = branchOf(resolved, depth + 1)
        branches.set(key, resolved === node ? inside : shared(inside))
      }
      if (yaml().isScalar(resolved) || node === null) {
        const source = yaml().isScalar(resolved) ? textOf(resolved.value, resolved.source) : ''
        const [from, to] = node?.range ?? [pair.end, pair.end]
        values.set(key, { key, value: source, from, to, line: lineOf(from), isOwn })
      }
    }
    return { values: [...values.values()], branches, room: roomIn(map) }
  }

  /** In Ruby's order: what is taken in wins over what stands before it. */
  function pairsOf(map: YAMLMap, depth: number, isOwn: boolean): readonly Pair[] {
    assertRoom(depth)
    return map.items.flatMap(({ key, value }): readonly Pair[] => {
      if (!yaml().isScalar(key)) return []
      const node = yaml().isNode(value) ? value : null
      if (String(key.value) !== '<<') return [{ key: String(key.value), node, end: key.range?.[1] ?? 0, isOwn }]
      const taken = yaml().isSeq(node) ? node.items.filter(yaml().isNode).toReversed() : [node]
      return taken.flatMap((each) => {
        const target = resolve(each)
        return yaml().isMap(target) ? pairsOf(target, depth + 1, false) : []
      })
    })
  }

  function resolve(node: Node | null): Node | null {
    return yaml().isAlias(node) ? (targets.get(node) ?? null) : node
  }
}

/** yaml goes down into each bracket before it says anything, and runs out of its stack; brackets in texts count as well. */
function isNestedMadly(text: string): boolean {
  if (/(?:[-?][ \t]+){500}/.test(text)) return true
  let depth = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    if (depth > 500) return true
  }
  return false
}

/** Seen through an alias: all of it is somebody else's as well. */
const shared = ({ values, branches }: YamlBranch): YamlBranch => ({
  values: values.map((each) => ({ ...each, isOwn: false })),
  branches: new Map([...branches].map(([name, branch]) => [name, shared(branch)])),
  room: null,
})

interface Pair {
  readonly key: string
  readonly node: Node | null
  readonly end: number
  readonly isOwn: boolean
}

/** What each alias means: the last one before it that has its name. yaml's own look-up reads the whole file for each. */
function targetsIn(doc: Document.Parsed): ReadonlyMap<Node, Node> {
  const anchors = new Map<string, Node>()
  const targets = new Map<Node, Node>()
  yaml().visit(doc, (_, node) => {
    if (yaml().isAlias(node)) {
      const target = anchors.get(node.source)
      if (target) targets.set(node, target)
    } else if (yaml().isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node)
  })
  return targets
}

/** A number is said as the file spells it. */
const textOf = (value: unknown, source: string | undefined): string =>
  value === null ? '' : typeof value === 'string' ? value : (source ?? JSON.stringify(value))

function roomIn(map: YAMLMap): YamlRoom | null {
  const key = map.items[0]?.key
  const first = yaml().isNode(key) ? key.range?.[0] : undefined
  if (first === undefined) return null
  const taken = map.items.findLast((pair) => yaml().isScalar(pair.key) && pair.key.value === '<<')?.value
  return { isFlow: map.flow === true, first, behind: yaml().isNode(taken) ? (taken.range?.[1] ?? null) : null }
}
