import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeStyle } from './style.ts'
import { words } from './testing/words.ts'
import { widthOf } from './width.ts'
import { wrap } from './wrap.ts'

const style = makeStyle(true)

describe('wrap', () => {
  test('breaks at spaces', () => {
    expect(wrap('the database replication setup', 12)).toEqual(['the database', 'replication', 'setup'])
    expect(wrap('one\n\ntwo', 10)).toEqual(['one', '', 'two'])
    expect(wrap('a b c', 3, '  ')).toEqual(['a b', '  c'])
  })

  test('no line is wider than it may be, and no letter is lost', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 2, max: 30 }), (text, width) => {
        const lines = wrap(text, width)
        expect(lines.every((line) => widthOf(line) <= width)).toBe(true)
        const letters = (all: string): string => stripVTControlCharacters(all).replace(/ /g, '')
        expect(letters(lines.join(''))).toBe(letters(text))
      }),
    )
  })

  test('a colour over a break is closed and opened again', () => {
    const [first = '', second = ''] = wrap(style.good('one two'), 4)
    expect(first.endsWith('\u001b[0m')).toBe(true)
    expect(second.startsWith('\u001b[32m')).toBe(true)
  })
})
