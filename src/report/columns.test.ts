import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columns } from './columns.ts'
import { words } from './testing/words.ts'
import { widthOf } from './width.ts'

describe('columns', () => {
  test('puts two texts side by side, with the gap where it belongs whatever stands left', () => {
    expect(columns(['数据', 'b'], ['x', 'y', 'z'], { left: 6, right: 10 })).toEqual([
      '数据     x',
      'b        y',
      '         z',
    ])
    expect(columns(['one two three'], ['r'], { left: 7, right: 5, wrap: true })).toEqual(['one two   r', 'three'])
    fc.assert(
      fc.property(words, words, (left, right) => {
        const [line = ''] = columns([left], [`|${right}`], { left: 12, right: 12 })
        expect(widthOf(line)).toBeLessThanOrEqual(27)
      }),
    )
  })
})
