import { expect, test } from 'vitest'
import { findingsOf, snapshot } from '../../../test/builders.ts'
import type { PrivilegesFact } from '../../core/facts/postgres/access.ts'
import check from './monitor-privilege.ts'

const found = (more: Partial<PrivilegesFact>) => {
  const privileges = { role: 'antemortem', superuser: false, monitor: true, readAllData: false, writes: false, ...more }
  return findingsOf(check, snapshot({ primary: { privileges }, standby: { privileges } }))
}

test('too little is an error with the grant, once and not on each standby', () => {
  expect(found({ monitor: false })).toMatchObject([
    {
      subject: 'primary:role antemortem',
      severity: 'error',
      remedy: 'On primary: grant pg_monitor to "antemortem";',
    },
  ])
})

test.each([
  [{ superuser: true, monitor: true }, 'nosuperuser'],
  [{ readAllData: true }, 'revoke pg_read_all_data'],
  [{ writes: true }, 'revoke pg_write_all_data'],
])('too much is a warning: %j', (more, order) => {
  expect(found(more)).toMatchObject([{ severity: 'warning', remedy: expect.stringContaining(order) }])
})

test('a superuser lacks nothing, and has too much once', () => {
  expect(found({ superuser: true, monitor: false, readAllData: true, writes: true })).toHaveLength(1)
})

test('pg_monitor and nothing else is as it should be', () => {
  expect(found({})).toEqual([])
})
