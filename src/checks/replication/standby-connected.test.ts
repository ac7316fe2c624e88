import { expect, test } from 'vitest'
import { findingsOf, snapshot } from '../../../test/builders.ts'
import check from './standby-connected.ts'

test('a standby without a receiver is found', () => {
  expect(findingsOf(check, snapshot({ standby: { receiver: [] } }))).toMatchObject([
    { subject: 'standby', severity: 'error' },
  ])
})

test('a streaming standby, and a primary that has no receiver by nature, are no finding', () => {
  expect(findingsOf(check, snapshot())).toEqual([])
})
