import { expect, test } from 'vitest'
import { role } from '../../../../test/builders.ts'
import { login, rehearsal } from '../../testing/rehearsal.ts'
import rule from './too-few-sessions.ts'

const logins = { before: [login(), login({ instance: 'app2' })], after: [] }
const settings = (max: string) => ({
  primary: { settings: { max_connections: max, superuser_reserved_connections: '3' } },
})
const limit = (connectionLimit: number) => ({ primary: { roles: [role('app', { connectionLimit })] } })
const run = (...args: Parameters<typeof rehearsal>) => [...rule.run(rehearsal(...args))]

test('fewer sessions than all pools may open are found, with both numbers', () => {
  expect(run({ logins, was: settings('100'), is: settings('20') })).toMatchObject([
    { object: 'primary:max_connections', message: expect.stringMatching(/room for 17 .* may open 20/) },
  ])
})

test('a limit of the role below its pools is the role', () => {
  expect(run({ logins, was: limit(-1), is: limit(1) })).toMatchObject([
    { object: 'primary:role app', consequence: 'connection/role-limit' },
  ])
})

test('room enough, or too little as it was before, is no finding', () => {
  expect(run({ logins, was: settings('100'), is: settings('50') })).toEqual([])
  expect(run({ logins, was: settings('20'), is: settings('20') })).toEqual([])
  expect(run({ logins, was: limit(-1), is: limit(20) })).toEqual([])
})
