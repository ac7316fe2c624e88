import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answer, makeWorld } from '../testing/two-stores.ts'
import type { World } from '../testing/two-stores.ts'
import { answerOfBags, makeBags } from '../testing/two-bags.ts'
import { begin, next } from './next.ts'
import type { Ask, ChunkVerdict, Comparability, CompareEvent, CompareLimits } from './state.ts'

const limits: CompareLimits = { firstRows: 400, chunkMs: 300, fenceMs: 1000, mostDiffering: 1000 }

const keyed: Comparability = { hasKey: true, sameOrder: true, isPhysical: false, rowsEstimated: -1 }

interface Compared {
  readonly verdicts: readonly ChunkVerdict[]
  readonly asks: number
}

function run(answerTo: (ask: Ask) => CompareEvent, table: Comparability, most: number): Compared {
  const verdicts: ChunkVerdict[] = []
  let asks = 0
  for (let step = begin({ ...limits, mostDiffering: most }, table, null); step.ask;) {
    asks += 1
    if (asks > 20_000) throw new Error('it does not come to an end')
    step = next(step.state, answerTo(step.ask))
    verdicts.push(...step.verdicts)
  }
  return { verdicts, asks }
}

const compare = (world: World, table = keyed, most = limits.mostDiffering): Compared =>
  run((ask) => answer(ask, world), table, most)

const found = (verdicts: readonly ChunkVerdict[]): Map<number, string> =>
  new Map(verdicts.flatMap(({ differing }) => differing.map(({ key, kind }) => [Number(key[0]), kind])))

const worlds = fc.record({
  seed: fc.integer(),
  rows: fc.integer({ min: 1, max: 2500 }),
  broken: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 100, max: 400 })),
  order: fc.constantFrom('same' as const, 'near' as const),
  late: fc.boolean(),
})

const tables = fc.record({ sameOrder: fc.boolean(), rowsEstimated: fc.constantFrom(-1, 0, 1000) })

test('under writes, lag and cancelled statements: every true difference is found with its kind and both rows, and nothing else', () => {
  fc.assert(
    fc.property(worlds, tables, ({ order, ...options }, table) => {
      // Nodes that sort otherwise are compared by buckets, and it makes no difference how.
      const world = makeWorld({ ...options, order: table.sameOrder ? 'same' : order, follows: true })
      const { verdicts } = compare(world, { ...keyed, ...table })
      expect(found(verdicts)).toEqual(world.broken)
      expect(verdicts.filter(({ verdict }) => verdict === 'lagging' || verdict === 'unverifiable')).toEqual([])
      expect(verdicts.at(-1)?.range.upTo).toBe(null)
      for (const { verdict, differing } of verdicts) expect(verdict === 'divergent').toBe(differing.length > 0)
      for (const { key, kind, left, right } of verdicts.flatMap(({ differing }) => differing)) {
        expect(left).toEqual(kind === 'extra' ? null : { value: String(Number(key[0]) % 5) })
        expect(right).toEqual(kind === 'missing' ? null : { value: '77' })
      }
    }),
    { numRuns: 150 },
  )
})

test('what heals while it is looked at is told as healed or not at all; what does not, differs', () => {
  fc.assert(
    fc.property(worlds, (options) => {
      const world = makeWorld({ ...options, order: 'same', follows: true, heals: true })
      const { verdicts } = compare(world, { ...keyed, isPhysical: true })
      const keysOf = (rows: ChunkVerdict['differing']): number[] => rows.map(({ key }) => Number(key[0]))
      const differing = keysOf(verdicts.flatMap((verdict) => verdict.differing))
      const healed = keysOf(verdicts.flatMap((verdict) => verdict.healed))
      for (const key of healed) expect(world.healed).toContain(key)
      for (const key of differing) expect([...world.broken.keys()]).toContain(key)
      const lasting = [...world.broken.keys()].filter((key) => !world.healed.has(key))
      expect(differing).toEqual(expect.arrayContaining(lasting))
      expect(new Set([...differing, ...healed]).size).toBe(differing.length + healed.length)
    }),
    { numRuns: 60 },
  )
})

test('a row that heals once it is proven is counted, with both rows as they were', () => {
  const world: World = { ...makeWorld({ seed: 3, rows: 500, broken: 0, order: 'same', follows: true }), hot: [] }
  world.target.write(40, 77)
  let settled = 0
  const { verdicts } = run(
    (ask) => {
      if (ask.do === 'settle' && ++settled === 2) world.target.write(40, 0)
      return answer(ask, { ...world, random: () => 1 })
    },
    { ...keyed, isPhysical: true },
    1000,
  )
  expect(verdicts.map(({ verdict }) => verdict)).toEqual(['consistent', 'consistent'])
  expect(verdicts.flatMap(({ healed }) => healed)).toEqual([
    { key: ['40'], kind: 'changed', columns: ['value'], left: { value: '0' }, right: { value: '77' } },
  ])
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

const bags = fc.record({
  seed: fc.integer(),
  rows: fc.integer({ min: 1, max: 6000 }),
  broken: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30 })),
  hot: fc.integer({ min: 0, max: 12 }),
})

test('without a key: each row that is missing or too many is found, once for each copy, and nothing else', () => {
  fc.assert(
    fc.property(bags, fc.constantFrom(-1, 0, 5000), (options, rowsEstimated) => {
      const world = makeBags(options)
      const table = { ...keyed, hasKey: false, rowsEstimated }
      const { verdicts } = run((ask) => answerOfBags(ask, world), table, limits.mostDiffering)
      const byValue = new Map<number, number>()
      for (const { kind, left, right } of verdicts.flatMap(({ differing }) => differing)) {
        const value = Number((kind === 'extra' ? right : left)?.['value'])
        byValue.set(value, (byValue.get(value) ?? 0) + (kind === 'extra' ? 1 : -1))
      }
      expect(byValue).toEqual(world.broken)
      for (const { verdict } of verdicts) expect(['consistent', 'divergent', 'unsettled']).toContain(verdict)
    }),
    { numRuns: 60 },
  )
})

test('a single copy that is written over and over is never called missing or too many', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const world = makeBags({ seed, rows: 3, broken: 0, hot: 2 })
      const { verdicts } = run((ask) => answerOfBags(ask, world), { ...keyed, hasKey: false }, 100)
      expect(verdicts.flatMap(({ differing }) => differing)).toEqual([])
    }),
    { numRuns: 1500 },
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
  expect(step.verdicts).toMatchObject([{ verdict, detail: 'why', remedy: 'do this' }])
  // A damaged chunk says nothing of the next one; a table that may not be read is not asked again.
  expect(step.ask === null).toBe(chunks === 1)
})

test('a statement that is cancelled again and again gets smaller and rarer, then its chunk is given up', () => {
  let step = begin(limits, keyed, null)
  const pauses: number[] = []
  const sizes: number[] = []
  while (step.verdicts.length === 0) {
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
  expect(step.verdicts).toMatchObject([{ verdict: 'unverifiable', detail: '40001', conflicts: 9 }])
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
  expect(found(step.verdicts)).toEqual(new Map([[12_345, 'changed']]))
  expect(asks).toBeLessThanOrEqual(15)
})

test('a look at all of a table that runs into its timeout is not repeated for long, and says what would help', () => {
  let step = begin(limits, { ...keyed, hasKey: false }, null)
  let asks = 0
  while (step.ask) {
    asks += 1
    step = next(step.state, { type: 'failed', refusal: 'again', isTimeout: true, detail: '57014', remedy: '' })
  }
  expect(asks).toBe(3)
  expect(step.verdicts).toMatchObject([
    { verdict: 'unverifiable', conflicts: 3, remedy: expect.stringMatching(/^Give it a primary key/) },
  ])
})
