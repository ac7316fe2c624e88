import { expect, test } from 'vitest'
import { readsOnlyIn } from './contract-files.ts'

const writer = {
  settings: [{ file: '/app/.env', key: null }],
  readOnly: false,
  reads: [
    { node: 'standby', file: null, key: 'NEAR' },
    { node: 'reports', file: '/reports/.env', key: null },
    { node: 'reports', file: '/app/other.env', key: 'FAR_URL' },
  ],
}
const reader = { settings: [{ file: '/app/other.env', key: 'NIGHTLY' }], readOnly: true, reads: [] }
const second = { ...writer, settings: [{ file: '/app/other.env', key: 'DB' }], reads: [] }

test.each([
  [
    'keys for reads, in the file of a contract that writes',
    ['/app/.env'],
    [writer],
    { isWhole: false, keys: ['NEAR'] },
  ],
  ['a file for reads', ['/reports/.env'], [writer], { isWhole: true, keys: [] }],
  ['the file of a contract that only reads', ['/app/other.env'], [reader], { isWhole: true, keys: ['NIGHTLY'] }],
  [
    'a file that one contract only reads by, and another writes',
    ['/app/other.env'],
    [writer, reader, second],
    { isWhole: false, keys: ['FAR_URL', 'NIGHTLY'] },
  ],
  ['a file that no contract names', [], [writer, reader], { isWhole: false, keys: [] }],
])('%s', (_, names, contracts, expected) => {
  expect(readsOnlyIn(contracts, names)).toEqual(expected)
})
