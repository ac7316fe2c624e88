import { expect, test } from 'vitest'
import { findingsOf, logEntry, logs, snapshot } from '../../../test/builders.ts'
import type { LogEntryFact } from '../../core/facts/cluster.ts'
import check from './corruption-signature.ts'

const found = (...entries: readonly LogEntryFact[]) => findingsOf(check, snapshot({ facts: { logs: logs(entries) } }))
const page = (more: Partial<LogEntryFact> = {}) =>
  logEntry('primary', { code: 'XX001', message: 'invalid page in block 3 of relation base/16384/24576', ...more })

test('a damaged page is critical and names file and block', () => {
  expect(found(page())).toMatchObject([
    {
      subject: 'primary:base/16384/24576',
      node: 'primary',
      severity: 'critical',
      evidence: { sqlstate: 'XX001', count: 2, relation_file: 'base/16384/24576' },
      remedy: expect.stringContaining('pg_filenode_relation(0, 24576)'),
    },
  ])
})

test('lines about one file are one finding, another node’s are another', () => {
  const more = page({ message: 'invalid page in block 4 of relation base/16384/24576' })
  expect(
    found(page(), more, page({ node: 'standby' })).map(({ subject, evidence }) => [subject, evidence['count']]),
  ).toEqual([
    ['primary:base/16384/24576', 4],
    ['standby:base/16384/24576', 2],
  ])
})

test('an internal error, and an application’s own words, are no damage', () => {
  expect(found(page({ code: 'XX000' }), page({ code: 'P0001', message: 'invalid page in block 3' }))).toEqual([])
})
