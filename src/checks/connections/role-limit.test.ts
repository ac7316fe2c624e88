import { expect, test } from 'vitest'
import { database, findingsOf, role, snapshot } from '../../../test/builders.ts'
import check from './role-limit.ts'

const found = (used: number, roleLimit: number, databaseLimit = -1, superuser = false) =>
  findingsOf(
    check,
    snapshot({
      primary: {
        roles: [role('app', { connectionLimit: roleLimit, superuser }), role('other', { connectionLimit: 50 })],
        databases: [database('auth', { connectionLimit: databaseLimit })],
        activity: {
          long: [],
          use: [
            {
              role: 'app',
              database: 'auth',
              application: '',
              total: used,
              active: used,
              idle: 0,
              idleInTransaction: 0,
            },
          ],
        },
      },
    }),
  )

test('a role at its limit is an error, near it a warning', () => {
  expect(found(2, 2)).toMatchObject([
    { subject: 'primary:role app', severity: 'error', evidence: { rolconnlimit: 2, used: 2 } },
  ])
  expect(found(9, 10)).toMatchObject([{ severity: 'warning' }])
})

test('a database has a limit of its own', () => {
  expect(found(5, -1, 5)).toMatchObject([{ subject: 'primary:database auth', evidence: { datconnlimit: 5 } }])
})

test('no limit, a limit that shuts out or locks on purpose, and a superuser who passes it are no finding', () => {
  expect(found(90, -1)).toEqual([])
  expect(found(0, 0)).toEqual([])
  expect(found(1, 1)).toEqual([])
  expect(found(5, 5, -1, true)).toEqual([])
  expect(found(7, 10)).toEqual([])
})
