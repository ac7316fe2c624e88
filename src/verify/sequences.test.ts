import { expect, test } from 'vitest'
import type { ListedSequence } from '../engines/postgres/rows/list-sequences.ts'
import { behind } from './sequences.ts'

const at = (lastValue: string | null, more: Partial<ListedSequence> = {}): readonly ListedSequence[] => [
  { schema: 'public', name: 'users_id_seq', lastValue, readable: true, falling: false, ...more },
]

test.each([
  ['ahead by what WAL carries at once', at('100'), at('132'), at('100'), 0],
  ['exactly there', at('100'), at('100'), at('100'), 0],
  ['behind', at('100'), at('99'), at('100'), 1],
  ['never used there', at('100'), at(null), at('101'), 1],
  ['set back on the primary meanwhile', at('100'), at('5'), at('5'), 0],
  ['not used at all', at(null), at(null), at(null), 0],
  ['hidden from the role', at('100'), at(null, { readable: false }), at('100'), 0],
  ['falling, and further down', at('-100', { falling: true }), at('-132'), at('-100'), 0],
  ['falling, and behind', at('-100', { falling: true }), at('-99'), at('-100'), 1],
  ['larger than a number holds', at('9223372036854775807'), at('9223372036854775806'), at('9223372036854775807'), 1],
])('a sequence on the standby that is %s', (_, before, target, after, found) => {
  expect(behind({ before, target, after })).toHaveLength(found)
})
