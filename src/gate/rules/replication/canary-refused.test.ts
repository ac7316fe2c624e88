import { expect, test } from 'vitest'
import { table } from '../../../../test/builders.ts'
import type { CanaryResult } from '../../rehearsal.ts'
import { rehearsal } from '../../testing/rehearsal.ts'
import rule from './canary-refused.ts'

const refused: CanaryResult = {
  schema: 'public',
  table: 'users',
  node: 'primary',
  step: 'update',
  outcome: 'refused',
  detail: 'cannot update table "users" because it does not have a replica identity',
  code: '55000',
}
const keyless = { primary: { tables: [table('users', { primaryKey: [], indexes: [] })] } }

test('a table that loses its identity refuses updates on the primary', () => {
  expect([...rule.run(rehearsal({ canaries: [refused, { ...refused, step: 'delete' }], is: keyless }))]).toMatchObject([
    { object: 'primary:public.users', nodes: ['primary'], message: expect.stringContaining('replica identity') },
  ])
})

test('a table that had none before is not the fault of the change', () => {
  expect([...rule.run(rehearsal({ canaries: [refused], was: keyless, is: keyless }))]).toEqual([])
})
