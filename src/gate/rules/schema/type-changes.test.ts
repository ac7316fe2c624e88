import { expect, test } from 'vitest'
import { column, table } from '../../../../test/builders.ts'
import { rehearsal } from '../../testing/rehearsal.ts'
import rule from './type-changes.ts'

const users = (type: string) => ({ primary: { tables: [table('users', { columns: [column('id', type)] })] } })
const run = (was: string, is: string) => [...rule.run(rehearsal({ was: users(was), is: users(is) }))]

test('a number that becomes text breaks statements that compare it', () => {
  expect(run('integer', 'text')).toMatchObject([{ object: 'primary:public.users' }])
})

test.each([
  ['integer', 'bigint'],
  ['character varying(10)', 'text'],
  ['numeric(10,2)', 'numeric(12,4)'],
])('%s to %s is no finding', (was, is) => {
  expect(run(was, is)).toEqual([])
})
