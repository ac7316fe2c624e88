import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { canonicalJson, type Json } from '../../src/core/json.ts'
import { bundleShape } from '../../src/shapes/bundle.ts'
import type { Look } from './look.ts'

/** Before it was broken, as soon as that was seen, and when everything that follows had shown itself. */
export type Looks = readonly [before: Look, first: Look, last: Look]

const root = join(import.meta.dirname, '../recordings')
/**
 * A look at a healthy cluster in full: of each state only what differs is written, of its first look from this one, of the
 * others from the look before. It stays as it is while any recording of its version does.
 */
const base = 'base'

const caseShape = bundleShape.shape.case.shape
const lookShape = z.object({
  snapshot: caseShape.snapshot,
  changes: caseShape.changes,
  unansweredMs: caseShape.unansweredMs,
})

/** What differs, by JSON pointer: values that are there now, and places that are gone. */
interface Difference {
  readonly gone: readonly string[]
  readonly now: Readonly<Record<string, Json>>
}
const differencesShape = z.array(z.object({ gone: z.array(z.string()), now: z.record(z.string(), z.json()) }))

export const majorOf = ([{ snapshot }]: Looks): string => {
  const server = snapshot.nodes.find(({ facts }) => facts.server.seen)?.facts.server
  return server?.seen ? String(Math.floor(server.value.versionNum / 10_000)) : 'unknown'
}

export const versions = (): readonly string[] => readdirSync(root).toSorted()

export const recorded = (version: string): readonly string[] =>
  readdirSync(join(root, version))
    .map((file) => file.replace(/\.json$/, ''))
    .filter((name) => name !== base)
    .toSorted()

const fileOf = (version: string, name: string): string => join(root, version, `${name}.json`)

export function readRecording(version: string, name: string): Looks | null {
  if (!existsSync(fileOf(version, name))) return null
  const values: Json[] = []
  for (const difference of differencesIn(version, name)) {
    const before = values.at(-1) ?? baseOf(version)
    values.push(patched(before, difference))
  }
  const [before, first, last] = values.map((value) => lookOf(withTimes(value)))
  if (!before || !first || !last) throw new Error(`${fileOf(version, name)} has fewer than three looks`)
  return [before, first, last]
}

/** As any program would read it: what its schema does not know is not there. */
export const lookOf = (value: Json): Look => lookShape.parse(value)

const differencesIn = (version: string, name: string): readonly Difference[] =>
  differencesShape.parse(JSON.parse(readFileSync(fileOf(version, name), 'utf8')))

const bases = new Map<string, Json>()
function baseOf(version: string): Json {
  const known = bases.get(version)
  if (known !== undefined) return known
  const [inFull] = differencesIn(version, base)
  if (!inFull) throw new Error(`${fileOf(version, base)} is empty`)
  const value = patched({}, inFull)
  bases.set(version, value)
  return value
}

export function writeRecording(name: string, looks: Looks): void {
  const version = majorOf(looks)
  mkdirSync(join(root, version), { recursive: true })
  const [first, ...others] = looks.map((look) => withAges(jsonOf(look)))
  if (first === undefined) return
  if (!existsSync(fileOf(version, base))) writeOnce(fileOf(version, base), text([difference({}, first)]))
  const differences: Difference[] = [difference(baseOf(version), first)]
  for (const [n, look] of others.entries()) differences.push(difference(others[n - 1] ?? first, look))
  writeFileSync(fileOf(version, name), text(differences))
}

/** Two workers may record at once: the first gives the base to both. */
function writeOnce(file: string, content: string): void {
  const own = `${file}.${process.pid}`
  writeFileSync(own, content)
  try {
    linkSync(own, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(own)
  }
}

/** Canonical, and a place a line: what a new recording changes can be read in a diff. */
const text = (differences: readonly Difference[]): string =>
  `[\n${differences
    .map(({ gone, now }) => {
      const places = Object.entries(now)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([place, value]) => `${JSON.stringify(place)}: ${canonicalJson(value)}`)
      return `{"gone": ${canonicalJson(gone.toSorted())}, "now": {\n${places.join(',\n')}\n}}`
    })
    .join(',\n')}\n]\n`

/** What core's own types promise: facts survive JSON without loss. */
export const jsonOf = (value: unknown): Json => z.json().parse(JSON.parse(JSON.stringify(value)))

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

const spelt = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
const unspelt = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~')

/** `/snapshot/nodes/0/facts` has five names; what lies below it is a fact. */
const observationDepth = 5

/** A node more is no reason to write down all the others. */
const mayGrow = (at: string, old: readonly Json[], value: readonly Json[]): boolean =>
  at.endsWith('/nodes') && old.length < value.length

function difference(before: Json, now: Json): Difference {
  const gone: string[] = []
  const changed: Record<string, Json> = {}
  const walk = (old: Json | undefined, value: Json, at: string): void => {
    if (isObject(old) && isObject(value)) {
      for (const key of Object.keys(old)) if (!(key in value)) gone.push(`${at}/${spelt(key)}`)
      for (const [key, child] of Object.entries(value)) walk(old[key], child, `${at}/${spelt(key)}`)
    } else if (old === undefined && at.split('/').length <= observationDepth && (isObject(value) || isList(value))) {
      // From nothing on a fact is a line.
      changed[at] = isList(value) ? [] : {}
      for (const [key, child] of Object.entries(value)) walk(undefined, child, `${at}/${spelt(key)}`)
    } else if (isList(old) && isList(value) && (old.length === value.length || mayGrow(at, old, value)))
      for (const [n, child] of value.entries()) walk(old[n], child, `${at}/${n}`)
    else if (isObject(old) || isList(old) || old !== value) changed[at] = value
  }
  walk(before, now, '')
  return { gone, now: changed }
}

function patched(before: Json, { gone, now }: Difference): Json {
  const left = new Set(gone)
  const childrenOf = (at: string): (readonly [string, Json])[] =>
    (added.get(at) ?? []).map((key) => [key, walk(null, `${at}/${spelt(key)}`)])
  const walk = (old: Json, at: string): Json => {
    const given = now[at]
    // An empty one may be filled by the lines after it.
    if (isList(given)) return given.length > 0 ? given : childrenOf(at).map(([, child]) => child)
    if (isObject(given)) return Object.keys(given).length > 0 ? given : Object.fromEntries(childrenOf(at))
    if (given !== undefined) return given
    if (isList(old)) {
      const more = childrenOf(at).filter(([key]) => Number(key) >= old.length)
      return [...old.map((child, n) => walk(child, `${at}/${n}`)), ...more.map(([, child]) => child)]
    }
    if (!isObject(old)) return old
    const kept = Object.entries(old).filter(([key]) => !left.has(`${at}/${spelt(key)}`))
    const changed = kept.map(([key, child]): [string, Json] => [key, walk(child, `${at}/${spelt(key)}`)])
    const fresh = childrenOf(at).filter(([key]) => !(key in old) || left.has(`${at}/${spelt(key)}`))
    return Object.fromEntries([...changed, ...fresh])
  }
  const added = new Map<string, string[]>()
  for (const place of Object.keys(now)) {
    const end = place.lastIndexOf('/')
    if (end < 0) continue
    const parent = place.slice(0, end)
    added.set(parent, [...(added.get(parent) ?? []), unspelt(place.slice(end + 1))])
  }
  return walk(before, '')
}

/** A fact's time is kept as its age in whole seconds: else every fact of every look would differ from the one before. */
const withAges = (look: Json): Json =>
  mapSeen(look, atMsOf(look), 'atMs', 'ageMs', (age) => Math.floor(age / 1000) * 1000)
const withTimes = (look: Json): Json => mapSeen(look, atMsOf(look), 'ageMs', 'atMs', (age) => age)

function atMsOf(look: Json): number {
  const snapshot = isObject(look) ? look['snapshot'] : undefined
  const atMs = isObject(snapshot) ? snapshot['atMs'] : undefined
  if (typeof atMs !== 'number') throw new Error('a look has its time')
  return atMs
}

function mapSeen(value: Json, atMs: number, from: string, to: string, round: (age: number) => number): Json {
  if (isList(value)) return value.map((child) => mapSeen(child, atMs, from, to, round))
  if (!isObject(value)) return value
  const time = value['seen'] === true ? value[from] : undefined
  const rest = Object.entries(value).filter(([key]) => time === undefined || key !== from)
  const mapped = Object.fromEntries(rest.map(([key, child]) => [key, mapSeen(child, atMs, from, to, round)]))
  return typeof time === 'number'
    ? { ...mapped, [to]: to === 'ageMs' ? Math.max(0, round(atMs - time)) : atMs - time }
    : mapped
}
