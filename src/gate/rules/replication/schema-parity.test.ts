import { expect, test } from 'vitest'
import { column, table } from '../../../../test/builders.ts'
import { rehearsal } from '../../testing/rehearsal.ts'
import rule from './schema-parity.ts'

const wider = table('users', { columns: [...table('users').columns, column('phone')] })
const run = (...args: Parameters<typeof rehearsal>) => [...rule.run(rehearsal(...args))]

test('a column that only the primary has after the change is an error on the subscriber', () => {
  expect(run({ is: { primary: { tables: [wider] } } })).toMatchObject([
    { object: 'subscriber:public.users', nodes: ['subscriber'], severity: 'error', about: ['public.users'] },
  ])
})

test('a difference that was there before, and a column on both, are not the fault of the change', () => {
  expect(run({ was: { primary: { tables: [wider] } }, is: { primary: { tables: [wider] } } })).toEqual([])
  expect(run({ is: { primary: { tables: [wider] }, subscriber: { tables: [wider] } } })).toEqual([])
})
