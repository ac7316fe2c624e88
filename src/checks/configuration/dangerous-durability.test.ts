import { expect, test } from 'vitest'
import { findingsOf, snapshot } from '../../../test/builders.ts'
import check from './dangerous-durability.ts'

const found = (settings: Readonly<Record<string, string>>) => findingsOf(check, snapshot({ primary: { settings } }))

test.each([
  ['fsync', 'off', 'error'],
  ['full_page_writes', 'off', 'error'],
  ['zero_damaged_pages', 'on', 'error'],
  ['ignore_checksum_failure', 'on', 'error'],
  ['synchronous_commit', 'off', 'warning'],
])('%s = %s is found', (name, value, severity) => {
  expect(found({ [name]: value })).toMatchObject([
    { subject: `primary:${name}`, severity, remedy: expect.stringContaining(`alter system set ${name} = `) },
  ])
})

test('safe values are no finding, nor is a commit that waits for the local disk only', () => {
  expect(
    found({ fsync: 'on', full_page_writes: 'on', zero_damaged_pages: 'off', synchronous_commit: 'local' }),
  ).toEqual([])
})
