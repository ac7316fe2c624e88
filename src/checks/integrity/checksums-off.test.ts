import { expect, test } from 'vitest'
import { findingsOf, snapshot } from '../../../test/builders.ts'
import check from './checksums-off.ts'

test('a server without checksums is a warning, one with them is not', () => {
  const settings = (data_checksums: string) => ({ settings: { data_checksums } })
  expect(findingsOf(check, snapshot({ primary: settings('off'), standby: settings('on') }))).toMatchObject([
    { subject: 'primary:data_checksums', severity: 'warning' },
  ])
})
