import { expect, test } from 'vitest'
import { findingsOf, publication, snapshot } from '../../../test/builders.ts'
import type { SequenceFact } from '../../core/facts/postgres/objects.ts'
import check from './sequence-behind.ts'

const sequence = (lastValue: string | null, more: Partial<SequenceFact> = {}): SequenceFact => ({
  schema: 'public',
  name: 'users_id_seq',
  lastValue,
  increment: 1,
  maxValue: '9223372036854775807',
  column: { schema: 'public', table: 'users', name: 'id' },
  ...more,
})
const pair = (there: SequenceFact, here: SequenceFact, readAllData = true, publications = [publication(['users'])]) =>
  snapshot({
    primary: { sequences: [there], publications },
    subscriber: {
      sequences: [here],
      privileges: { role: 'antemortem', superuser: false, monitor: true, readAllData, writes: false },
    },
  })

test('a sequence that stayed behind is found, with a setval that leaves a margin', () => {
  expect(findingsOf(check, pair(sequence('20001'), sequence('1')))).toMatchObject([
    {
      subject: 'subscriber:public.users_id_seq',
      severity: 'warning',
      evidence: { last_value: '1', last_value_of_publisher: '20001', behind: '20000' },
      remedy: expect.stringContaining("setval('public.users_id_seq', 21001);"),
    },
  ])
})

test('values beyond what a number holds are compared exactly', () => {
  expect(findingsOf(check, pair(sequence('9007199254740993'), sequence('9007199254740992')))).toHaveLength(1)
})

test('one that counts down is behind where it is higher', () => {
  const down = (value: string) => sequence(value, { increment: -1 })
  expect(findingsOf(check, pair(down('-50'), down('-1')))).toHaveLength(1)
  expect(findingsOf(check, pair(down('-1'), down('-50')))).toEqual([])
})

test('one that was never used is behind for a role that sees all, and a note for one that may not see it', () => {
  expect(findingsOf(check, pair(sequence('20001'), sequence(null)))).toMatchObject([{ severity: 'warning' }])
  expect(findingsOf(check, pair(sequence('20001'), sequence(null), false))).toMatchObject([
    {
      severity: 'info',
      remedy: expect.stringContaining('grant select on sequence public.users_id_seq to antemortem;'),
    },
  ])
})

test.each([
  ['the same value', pair(sequence('20001'), sequence('20001'))],
  ['a subscriber that is ahead', pair(sequence('20001'), sequence('21001'))],
  ['a publisher whose value may not be seen', pair(sequence(null), sequence('1'))],
  ['a table that is not carried', pair(sequence('20001'), sequence('1'), true, [publication([])])],
  ['a sequence that only the publisher has', pair(sequence('20001'), sequence('1', { name: 'other_seq' }))],
  [
    'a standby, which is a copy',
    snapshot({ primary: { sequences: [sequence('9')] }, standby: { sequences: [sequence('1')] } }),
  ],
])('%s: no finding', (_, cluster) => {
  expect(findingsOf(check, cluster)).toEqual([])
})
