import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answer, makeWorld } from '../testing/two-stores.ts'
import type { World } from '../testing/two-stores.ts'
import { begin, next } from './next.ts'
import type { ChunkVerdict, CompareLimits } from './state.ts'

const limits: CompareLimits = { firstRows: 400, chunkMs: 300, fenceMs: 1000, mostDiffering: 1000 }

const keyed = { hasKey: true, sameOrder: true }

function compare(world: World, table = keyed, most = limits.mostDiffering): { verdicts: ChunkVerdict[]; asks: number } {
  const verdicts: ChunkVerdict[] = []
  let asks = 0
  for (let step = begin({ ...limits, mostDiffering: most }, table, null); step.ask;) {
    asks += 1
    if (asks > 20_000) throw new Error('it does not come to an end')
    step = next(step.state, answer(step.ask, world))
    if (step.verdict) verdicts.push(step.verdict)
  }
  return { verdicts, asks }
}

const found = (verdicts: readonly ChunkVerdict[]): Map<number, string> =>
  new Map(verdicts.flatMap(({ differing }) => differing.map(({ key, kind }) => [Number(key[0]), kind])))

const worlds = fc.record({
  seed: fc.integer(),
  rows: fc.integer({ min: 1, max: 2500 }),
  broken: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30 })),
  order: fc.constantFrom('same' as const, 'near' as const),
})

test('under writes, lag and cancelled statements: every true difference is found with its kind, and nothing else', () => {
  fc.assert(
    fc.property(worlds, (options) => {
      const world = makeWorld({ ...options, follows: true })
      const { verdicts } = compare(world, { hasKey: true, sameOrder: options.order === 'same' })
      expect(found(verdicts)).toEqual(world.broken)
      expect(verdicts.filter(({ verdict }) => verdict === 'lagging' || verdict === 'unverifiable')).toEqual([])
      expect(verdicts.at(-1)?.range.upTo).toBe(null)
      for (const { verdict, differing } of verdicts) expect(verdict === 'divergent').toBe(differing.length > 0)
    }),
    { numRuns: 150 },
  )
})

test('nodes that sort the key quite differently raise no alarm', () => {
  fc.assert(
    fc.property(worlds, (options) => {
      const world = makeWorld({ ...options, order: 'far', follows: true })
      const { verdicts } = compare(world, { hasKey: true, sameOrder: false })
      for (const [key, kind] of found(verdicts)) expect(world.broken.get(key)).toBe(kind)
      const red = verdicts.some(({ verdict }) => verdict === 'divergent')
      const green = verdicts.every(({ verdict }) => verdict === 'consistent')
      expect(world.broken.size > 0 ? green : red).toBe(false)
    }),
    { numRuns: 10 },
  )
})

test('ranges join without a gap', () => {
  fc.assert(
    fc.property(worlds, (options) => {
      const { verdicts } = compare(makeWorld({ ...options, follows: true }))
      expect(verdicts.map(({ range }) => range.after)).toEqual([
        null,
        ...verdicts.slice(0, -1).map(({ range }) => range.upTo),
      ])
    }),
    { numRuns: 50 },
  )
})

test('a target that does not follow is never called divergent', () => {
  fc.assert(
    fc.property(worlds, (options) => {
      const world = makeWorld({ ...options, follows: false })
      const { verdicts } = compare(world)
      expect(verdicts.flatMap(({ differing }) => differing)).toEqual([])
      for (const { verdict } of verdicts) expect(['consistent', 'lagging', 'unverifiable']).toContain(verdict)
      const green = verdicts.every(({ verdict }) => verdict === 'consistent')
      expect(green && world.broken.size > 0).toBe(false)
    }),
    { numRuns: 50 },
  )
})

test('a table without a key is settled as a whole: equal is never called divergent, a difference never consistent', () => {
  fc.assert(
    fc.property(worlds, (options) => {
      const world = makeWorld({ ...options, follows: true })
      const { verdicts } = compare(world, { hasKey: false, sameOrder: true })
      expect(verdicts).toHaveLength(1)
      const verdict = verdicts[0]?.verdict
      expect(world.broken.size > 0 ? ['divergent', 'unsettled'] : ['consistent', 'unsettled']).toContain(verdict)
    }),
    { numRuns: 100 },
  )
})

test('a table that differs everywhere is not located to the last row', () => {
  const world = makeWorld({ seed: 5, rows: 5000, broken: 0, order: 'same', follows: true })
  for (let key = 0; key < 10_000; key += 2) if (!world.hot.includes(key)) world.target.write(key, null)
  const { verdicts, asks } = compare(world, keyed, 100)
  expect(verdicts[0]).toMatchObject({ verdict: 'divergent' })
  expect(verdicts.flatMap(({ differing }) => differing).length).toBeLessThan(1000)
  expect(verdicts.some(({ verdict }) => verdict === 'consistent')).toBe(false)
  expect(asks).toBeLessThan(600)
})

test.each([
  ['corrupt', 'corrupt', 2],
  ['forbidden', 'unverifiable', 1],
  ['absent', 'unverifiable', 1],
] as const)('what is %s becomes %s', (refusal, verdict, chunks) => {
  const key = ['10']
  let step = next(begin(limits, keyed, null).state, { type: 'boundary', upTo: key })
  step = next(step.state, { type: 'failed', refusal, detail: 'why', remedy: 'do this' })
  expect(step.verdict).toMatchObject({ verdict, detail: 'why', remedy: 'do this' })
  // A damaged chunk says nothing of the next one; a table that may not be read is not asked again.
  expect(step.ask === null).toBe(chunks === 1)
})

test('a statement that is cancelled again and again gets smaller and rarer, then its chunk is given up', () => {
  let step = begin(limits, keyed, null)
  const pauses: number[] = []
  const sizes: number[] = []
  while (!step.verdict) {
    if (step.ask?.do === 'boundary') {
      sizes.push(step.ask.limit)
      pauses.push(step.ask.afterMs)
      const { failures } = step.state
      step = next(step.state, { type: 'boundary', upTo: ['1'] })
      // A boundary that is read is no sign that the hash can be.
      step = { ...step, state: { ...step.state, failures } }
    }
    step = next(step.state, { type: 'failed', refusal: 'again', detail: '40001', remedy: '' })
  }
  expect(sizes).toEqual([400, 200, 200, 200, 200, 200, 200, 200, 200])
  expect(pauses).toEqual([0, 50, 100, 200, 400, 800, 1600, 3200, 5000])
  expect(step.verdict).toMatchObject({ verdict: 'unverifiable', detail: '40001' })
})

test('an isolated row is found with few questions', () => {
  const world = makeWorld({ seed: 1, rows: 0, broken: 0, order: 'same', follows: true })
  const quiet: World = { ...world, hot: [], random: () => 1 }
  for (let key = 0; key < 20_000; key += 1) for (const store of [quiet.source, quiet.target]) store.write(key, key % 7)
  quiet.target.write(12_345, 99)
  let asks = 0
  let step = begin({ ...limits, firstRows: 30_000 }, keyed, null)
  while (step.ask) {
    asks += 1
    step = next(step.state, answer(step.ask, quiet))
  }
  expect(found(step.verdict ? [step.verdict] : [])).toEqual(new Map([[12_345, 'changed']]))
  expect(asks).toBeLessThanOrEqual(15)
})
