import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { distance, nearest } from './nearest.ts'

const word = fc.stringMatching(/^[a-z_]{1,12}$/)

describe('nearest', () => {
  test.each([
    ['noodes', 'nodes'],
    ['contract', 'contracts'],
    ['withinMs', 'within_ms'],
    ['readonly', 'read_only'],
    ['postmortem', 'postmortems'],
  ])('%s means %s', (typed, meant) => {
    expect(nearest(typed, ['nodes', 'engine', 'contracts', 'fence', 'within_ms', 'read_only', 'postmortems'])).toBe(
      meant,
    )
  })

  test('is silent when nothing is near', () => {
    expect(nearest('zebra', ['nodes', 'engine'])).toBeNull()
    expect(nearest('x', [])).toBeNull()
  })

  test('finds a known word again after one slip, where no other is as near', () => {
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 1 }), fc.nat(), fc.nat(), (known, pick, place) => {
        const meant = known[pick % known.length] ?? ''
        const cut = place % meant.length
        const typed = meant.slice(0, cut) + meant.slice(cut + 1)
        fc.pre(typed.length > 3)
        const found = nearest(typed, known)
        expect(found).not.toBeNull()
        expect(distance(typed.replaceAll('_', ''), (found ?? '').replaceAll('_', ''))).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('distance', () => {
  test('is none for equal words, the same both ways, and never more than the longer word', () => {
    fc.assert(
      fc.property(word, word, (left, right) => {
        expect(distance(left, left)).toBe(0)
        expect(distance(left, right)).toBe(distance(right, left))
        expect(distance(left, right)).toBeLessThanOrEqual(Math.max(left.length, right.length))
        expect(distance(left, right) === 0).toBe(left === right)
      }),
    )
  })

  test('counts a swap of neighbours once', () => {
    expect(distance('ndoes', 'nodes')).toBe(1)
  })
})
