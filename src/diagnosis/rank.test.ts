import { describe, expect, test } from 'vitest'
import { caseOf, change, t0 } from '../../test/builders.ts'
import type { Match } from '../core/diagnosis.ts'
import type { Change } from '../core/change.ts'
import { triggersOf } from './rank.ts'

const match: Match = {
  subject: 'primary:wal_level',
  direct: [],
  indirect: [],
  harm: [],
  isNew: true,
  explains: [],
  objects: ['primary:wal_level', 'primary'],
  remedy: { words: '', commands: [] },
}
const at = (id: string, agoMs: number, more: Partial<Change> = {}) =>
  change('primary:wal_level', {
    id,
    before: 'logical',
    after: 'minimal',
    atMs: t0 - agoMs,
    notBeforeMs: t0 - agoMs - 500,
    ...more,
  })
const triggers = (...changes: readonly Change[]) => triggersOf(match, caseOf({ changes })).map(({ id }) => id)

describe('of several changes of one object', () => {
  test('the file and the setting that the server read from it are one: the earliest', () => {
    expect(triggers(at('reload', 5000), at('file', 9000, { source: 'file' }))).toEqual(['file'])
  })

  test('a server that reads its file an hour later says the same words', () => {
    expect(triggers(at('restart', 5000), at('file', 3_600_000, { source: 'file' }))).toEqual(['file'])
  })

  test('two that say different things at different times are two', () => {
    const other = at('other', 3_000_000, { source: 'file', after: 'replica' })
    expect(triggers(at('now', 5000), other)).toEqual(['other', 'now'])
  })

  test('one source that tells twice tells of two', () => {
    expect(triggers(at('a', 9000), at('b', 5000))).toEqual(['a', 'b'])
  })
})

test('the object that names it most closely speaks alone', () => {
  const restarted = change('primary', { id: 'restarted', before: 'started', after: 'restarted' })
  expect(triggers(restarted, at('file', 9000))).toEqual(['file'])
})
