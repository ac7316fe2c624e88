import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeStyle } from './style.ts'
import { words } from './testing/words.ts'
import { cutTo, padTo, widthOf } from './width.ts'

const style = makeStyle(true)

describe('widthOf', () => {
  test.each([
    ['abc', 3],
    ['数据库', 6],
    ['e\u0301', 1],
    ['👩‍💻', 2],
    ['✅', 2],
    ['→', 1],
    ['é', 1],
    ['', 0],
    ['\u200b', 0],
  ])('%j is %d cells', (text, cells) => {
    expect(widthOf(text)).toBe(cells)
    expect(widthOf(style.bad(text))).toBe(cells)
  })

  test('padding and cutting give exactly the width', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 30 }), (text, width) => {
        const fitted = padTo(cutTo(text, width), width)
        expect(widthOf(fitted)).toBe(width)
      }),
    )
    expect(cutTo('abcdef', 4)).toBe('abc…')
    expect(padTo('7', 3, 'right')).toBe('  7')
  })
})
