import { dirname, join, relative, resolve, sep } from 'node:path'
import { expect, test } from 'vitest'
import { layers } from './layers.ts'
import { folderOf, sources as readSources, src } from './source.ts'
import type { Source } from './source.ts'

const sources = readSources()
const layerOf = new Map(layers.map((layer) => [layer.folder, layer]))

/** Every import that its row does not allow, in words. */
function trespasses(source: Source): string[] {
  // The public API gathers what users may import; nothing imports it.
  if (source.path === 'index.ts') return []
  const layer = layerOf.get(source.folder)
  if (!layer) return [`src/${source.path}: its folder has no row in test/layers.ts`]
  return source.imports.flatMap(({ line, to }) => {
    const why = forbidden(to)
    return why === null ? [] : [`src/${source.path}:${line} imports ${to ?? '?'}: ${why}`]
  })

  function forbidden(to: string | null): string | null {
    if (to === null) return 'a computed import hides from this test'
    if (to.startsWith('node:')) return layer?.shell ? null : `${layer?.folder} is pure`
    if (!to.startsWith('.')) return layer?.packages.includes(packageOf(to)) ? null : 'the package is not in its row'
    const target = relative(src, resolve(dirname(join(src, source.path)), to))
      .split(sep)
      .join('/')
    if (!known.has(target)) return `there is no src/${target}`
    const folder = folderOf(target)
    if (folder === source.folder) return null
    const row = layerOf.get(folder)
    if (!row || !layer) return 'nothing may import from there'
    if (row.level >= layer.level) return `level ${layer.level} may not import level ${row.level}`
    return layer.mayImport.includes(folder) ? null : `${folder} is not in the row of ${layer.folder}`
  }
}

const known = new Set(sources.map((source) => source.path))
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

test('there is something to look at', () => {
  expect(sources.length).toBeGreaterThan(20)
  expect(sources.flatMap((source) => source.imports).length).toBeGreaterThan(20)
  expect(sources.some((source) => source.imports.some(({ to }) => to === './facts/cluster.ts'))).toBe(true)
})

test('the table has no row that points up or sideways', () => {
  for (const layer of layers)
    for (const folder of layer.mayImport)
      expect(layerOf.get(folder)?.level, `${layer.folder} → ${folder}`).toBeLessThan(layer.level)
})

test.each([
  ['checks/x.ts', 'node:fs', /checks is pure/],
  ['checks/x.ts', 'pg', /package is not in its row/],
  ['core/x.ts', '../shapes/scalar.ts', /may not import level 1/],
  ['checks/x.ts', '../shapes/scalar.ts', /level 1 may not import level 1/],
  ['cli/x.ts', './gone.ts', /there is no src\/cli\/gone.ts/],
  ['nowhere/x.ts', '../core/json.ts', /no row/],
  ['cli/x.ts', null, /computed import/],
])('%s that imports %s would be seen', (path, to, words) => {
  const source = { path, folder: folderOf(path), lines: [], imports: [{ line: 1, to }], casts: [], worldly: [] }
  expect(trespasses(source).join()).toMatch(words)
})

test('every import goes to a lower level, and only where its row allows', () => {
  expect(sources.flatMap(trespasses)).toEqual([])
})

test('pure folders touch no clock, no randomness, no process and no timer', () => {
  const found = sources
    .filter((source) => layerOf.get(source.folder)?.shell === false)
    .flatMap((source) => source.worldly.map(({ line, what }) => `src/${source.path}:${line} ${what}`))
  expect(found).toEqual([])
})

test('nothing is cast to any or asserted to be there; every other cast says why beside it', () => {
  const unreasoned = sources.flatMap((source) =>
    source.casts
      .filter(
        ({ line, kind }) =>
          kind !== 'as' || !source.lines.slice(Math.max(0, line - 4), line).some((text) => /\/\/|\*\//.test(text)),
      )
      .map(({ line, kind }) => `src/${source.path}:${line} ${kind === 'as' ? 'a cast without a reason' : kind}`),
  )
  expect(unreasoned).toEqual([])
})

test('no file is longer than 300 lines', () => {
  const written = sources.filter((source) => !source.path.endsWith('.generated.ts'))
  const long = (limit: number) =>
    written.filter(({ lines }) => lines.length - 1 > limit).map(({ path, lines }) => `src/${path} ${lines.length - 1}`)
  const noted = long(200)
  if (noted.length > 0) console.info(`${noted.length} files over 200 lines: ${noted.join(', ')}`)
  expect(long(300)).toEqual([])
})
