import { expect, test } from 'vitest'
import { findingsOf, outcomes, snapshot } from '../../../test/builders.ts'
import check from './outcomes.ts'

test('failures on one node name that node, with the codes', () => {
  expect(
    findingsOf(check, snapshot({ facts: { outcomes: outcomes({ subscriber: 'APP_NO_SUCH_USER' }) } })),
  ).toMatchObject([
    {
      subject: 'subscriber',
      severity: 'critical',
      evidence: { share: 1, codes: expect.stringContaining('APP_NO_SUCH_USER') },
    },
  ])
})

test('all well: no finding', () => {
  expect(findingsOf(check, snapshot({ facts: { outcomes: outcomes({}) } }))).toEqual([])
})

test('a failing share that was usual while all was good is no finding', () => {
  const usual = { ...outcomes({ subscriber: 'APP_BAD_HASH' }), baseline: 0.9 }
  expect(findingsOf(check, snapshot({ facts: { outcomes: usual } }))).toEqual([])
})
