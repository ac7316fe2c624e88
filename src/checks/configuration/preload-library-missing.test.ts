import { expect, test } from 'vitest'
import { findingsOf, host, snapshot } from '../../../test/builders.ts'
import check from './preload-library-missing.ts'

const found = (missingLibraries: readonly string[] | null) =>
  findingsOf(
    check,
    snapshot({ facts: { hosts: { hosts: [host('primary'), host('standby', { missingLibraries })], blind: [] } } }),
  )

test('a library that is gone from the disk is found while the server runs with it', () => {
  expect(found(['pg_cron', 'auto_explain'])).toMatchObject([
    {
      subject: 'standby:shared_preload_libraries',
      severity: 'error',
      evidence: { missing: 'pg_cron, auto_explain' },
    },
  ])
})

test('all there, or a folder that is not known, is no finding', () => {
  expect(found([])).toEqual([])
  expect(found(null)).toEqual([])
})
