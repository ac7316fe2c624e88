import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Round } from './judge.ts'
import { judge } from './judge.ts'
import { answer, makeWorld } from './testing/two-stores.ts'
import type { World } from './testing/two-stores.ts'

/** One row that is there and gone, or flips, all the time: the same few states come back again and again. */
const flipping = (seed: number): World => {
  const world = makeWorld({ seed, rows: 4, broken: 0, order: 'same', follows: true })
  return { ...world, hot: [2] }
}

function settle(world: World, rounds: Round[] = []): readonly Round[] {
  while (rounds.length < 12 && judge(rounds) === 'again') {
    const event = answer({ do: 'settle-range', range: { after: null, upTo: null }, deadlineMs: 0, afterMs: 0 }, world)
    if (event.type === 'settle-range' && event.round) rounds.push(event.round)
  }
  return rounds
}

test('a row that comes and goes, or flips there and back, is never different', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      expect(judge(settle(flipping(seed)))).not.toBe('different')
    }),
    { numRuns: 3000 },
  )
})

test('a difference in what nobody writes is different after two rounds', () => {
  for (const broken of ['missing', 'extra', 'changed']) {
    const world: World = { ...flipping(1), random: () => 1, hot: [] }
    world.target.write(broken === 'extra' ? 99 : 0, broken === 'missing' ? null : 77)
    const rounds = settle(world)
    expect(judge(rounds)).toBe('different')
    expect(rounds).toHaveLength(2)
  }
})

const digest = (hash: string, versions: string | null = hash) => ({ rows: 1, hash, versions })

test('the target may show the source as it was before the fence was taken, or as it is after', () => {
  const [before, after] = [digest('a'), digest('b')]
  expect(judge([])).toBe('again')
  expect(judge([{ before, target: digest('a'), after }])).toBe('equal')
  expect(judge([{ before, target: digest('b'), after }])).toBe('equal')
  expect(judge([{ before, target: digest('c'), after }])).toBe('again')
})

test('what came back as it was, and what was read without versions, proves nothing', () => {
  const same = { before: digest('a'), target: digest('c'), after: digest('a') }
  expect(judge([same, same])).toBe('different')
  expect(judge([same, { ...same, after: digest('a', 'written again') }])).toBe('again')
  expect(judge([same, { ...same, target: digest('c', 'written again') }])).toBe('again')
  const blind = { before: digest('a', null), target: digest('c', null), after: digest('a', null) }
  expect(judge([blind, blind])).toBe('again')
})
