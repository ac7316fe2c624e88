import { expect, test } from 'vitest'
import type { SequenceState } from '../engines/postgres/integrity/sequences.ts'
import { setBack } from './sequences.ts'

const at = (last: string | null, increment = '1'): readonly SequenceState[] => [
  { schema: 'public', name: 's', last, increment, may: true },
]
const isSetBack = (there: readonly SequenceState[], here: readonly SequenceState[]): boolean =>
  setBack(there, here, 'standby').length > 0

test.each([
  ['as far as the primary', at('100'), at('100'), false],
  ['ahead by what one record of the WAL carries', at('132'), at('100'), false],
  ['further ahead than that', at('133'), at('100'), true],
  ['in steps of ten', at('420', '10'), at('100', '10'), false],
  ['in steps of ten, further ahead', at('430', '10'), at('100', '10'), true],
  ['falling', at('-132', '-1'), at('-100', '-1'), false],
  ['falling, further ahead', at('-133', '-1'), at('-100', '-1'), true],
  ['behind, which is for verify to tell', at('50'), at('100'), false],
  ['never used on the standby', at(null), at('100'), false],
  ['used on the standby and never on the primary', at('33'), at(null), true],
  ['given another step a moment ago', at('420', '10'), at('100'), false],
])('a standby that is %s', (_, there, here, expected) => {
  expect(isSetBack(there, here)).toBe(expected)
})
