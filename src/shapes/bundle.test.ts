import { expect, test } from 'vitest'
import { AntemortemError } from '../core/error.ts'
import { canonicalJson } from '../core/json.ts'
import { bundleLimitBytes, readBundle } from './bundle.ts'
import { bundleOf } from './testing/bundle.ts'

/** What the user would read: code, message, and where it went wrong. */
function refusal(text: string): AntemortemError {
  try {
    readBundle(text, 'b.json')
  } catch (error) {
    if (error instanceof AntemortemError) return error
    throw error
  }
  throw new Error('it was read')
}

test('a bundle read back is the bundle that was written, byte for byte', () => {
  const text = canonicalJson(bundleOf())
  expect(canonicalJson(readBundle(text, 'b.json'))).toBe(text)
})

test('fields that a later version added are passed over', () => {
  const later = { ...bundleOf(), comment: 'from the future' }
  expect(canonicalJson(readBundle(JSON.stringify(later), 'b.json'))).toBe(canonicalJson(bundleOf()))
})

test('a fact that an older program did not read is not seen, rather than an error', () => {
  const bundle = JSON.parse(canonicalJson(bundleOf()))
  delete bundle.case.snapshot.nodes[0].facts.settings
  const settings = readBundle(JSON.stringify(bundle), 'b.json').case.snapshot.nodes[0]?.facts.settings
  expect(settings).toMatchObject({ seen: false, why: 'not-in-this-version' })
})

test('a path of a bundle from before it said whether somebody answered is read as it was meant then', () => {
  const path = { from: 'here', node: 'primary', atMs: 1, ms: 2, detail: null }
  const bundle = JSON.parse(canonicalJson(bundleOf()))
  bundle.case.snapshot.facts.paths = {
    seen: true,
    atMs: 1,
    value: [
      { ...path, ok: true },
      { ...path, ok: false },
      { ...path, ok: false, reached: true },
    ],
  }
  const { paths } = readBundle(JSON.stringify(bundle), 'b.json').case.snapshot.facts
  expect(paths.seen && paths.value.map(({ ok, reached }) => [ok, reached])).toEqual([
    [true, true],
    [false, false],
    [false, true],
  ])
  bundle.case.snapshot.facts.paths.value = [{ ...path, reached: true }]
  expect(refusal(JSON.stringify(bundle)).message).toContain('paths.value[0].ok')
})

test.each([
  ['', /ends in the middle/],
  ['{"format":1,"program":"x"', /ends in the middle/],
  ['{"format":1,"prog', /ends in the middle/],
  ['not json', /is not JSON/],
  ['[]', /no format number/],
  ['{"format":2}', /format 2.*reads format 1/],
  ['{"format":1}', /b\.json: program: /],
])('%s is refused with exit 2', (text, words) => {
  const error = refusal(text)
  expect(error.message).toMatch(words)
  expect(error.exit).toBe(2)
  expect(error.hint).not.toBe('')
})

test('the message names the path of the first problem', () => {
  const bundle = JSON.parse(canonicalJson(bundleOf()))
  bundle.case.snapshot.nodes[0].facts.server.value.versionNum = '18'
  expect(refusal(JSON.stringify(bundle)).message).toContain(
    'b.json: case.snapshot.nodes[0].facts.server.value.versionNum:',
  )
})

test('what is larger than the limit is refused before it is parsed', () => {
  expect(refusal(' '.repeat(bundleLimitBytes + 1)).code).toBe('bundle-too-large')
})

test('a name that would reach the prototype is passed over', () => {
  const text = canonicalJson(bundleOf()).replaceAll('"value":{', '"value":{"__proto__":{"polluted":true},')
  expect(canonicalJson(readBundle(text, 'b.json'))).toBe(canonicalJson(bundleOf()))
  expect('polluted' in {}).toBe(false)
})
