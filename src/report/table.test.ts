import { describe, expect, test } from 'vitest'
import { table } from './table.ts'

describe('table', () => {
  test('aligns columns, counts cells, and wraps the last one', () => {
    expect(
      table(
        [
          ['node', 'lag', 'what'],
          ['数据', '7 s', 'a standby'],
        ],
        { align: ['left', 'right'] },
      ),
    ).toEqual(['node  lag  what', '数据  7 s  a standby'])
    expect(table([['a', 'one two three four five six']], { width: 24 })).toEqual([
      'a  one two three four',
      '   five six',
    ])
    expect(table([])).toEqual([])
  })
})
