import { expect, test } from 'vitest'
import type { UncopiedTable } from '../../rehearsal.ts'
import { rehearsal } from '../../testing/rehearsal.ts'
import rule from './copy-refused.ts'

const table: UncopiedTable = {
  node: 'reports',
  subscription: 'reports_sub',
  role: 'replicator',
  schema: 'app',
  table: 'Beats',
  lacks: 'select',
  isCertain: true,
}
const run = (more: Partial<UncopiedTable>) => [...rule.run(rehearsal({ uncopied: [{ ...table, ...more }] }))]

test('a table that the login of a subscription may not read is never copied, and the grants are told', () => {
  expect(run({})).toEqual([
    {
      object: 'reports:subscription reports_sub',
      nodes: ['reports'],
      severity: 'error',
      message:
        'replicator, by which reports_sub on reports logs in, may not read app.Beats on primary: its first copy fails again and again, and no row of it arrives',
      remedy:
        'Before the refresh of reports_sub:\n-- antemortem:on primary\ngrant usage on schema app to replicator;\ngrant select on app."Beats" to replicator;',
      about: ['app.Beats'],
    },
  ])
})

test('where default privileges may give the right, it is a warning that says so', () => {
  expect(run({ isCertain: false })).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('unless default privileges') },
  ])
})

test('row security makes a first copy that is empty and tells nobody', () => {
  expect(run({ lacks: 'policy' })).toMatchObject([
    { message: expect.stringContaining('its first copy is empty'), remedy: expect.stringContaining('create policy') },
  ])
})

test('without such a table there is no finding', () => {
  expect([...rule.run(rehearsal())]).toEqual([])
})
