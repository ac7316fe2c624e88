import { expect, test } from 'vitest'
import { findingsOf, snapshot } from '../../../test/builders.ts'
import check from './saturation.ts'

const use = (total: number, idle = 0) => [
  { role: 'app', database: 'auth', application: 'login-1', total, active: total - idle, idle, idleInTransaction: 0 },
  { role: 'etl', database: 'auth', application: '', total: 2, active: 2, idle: 0, idleInTransaction: 0 },
]
const found = (total: number, maxConnections = 60, idle = 0) =>
  findingsOf(
    check,
    snapshot({
      primary: {
        sessions: { total, active: 1, waitingForLock: 0, maxConnections, reserved: 3 },
        activity: { long: [], use: use(total, idle) },
      },
    }),
  )

test('55 of 57 are an error that says who holds them', () => {
  expect(found(55)).toMatchObject([
    {
      subject: 'primary',
      severity: 'error',
      message: expect.stringContaining('app@auth login-1'),
      evidence: { sessions: 55, max_connections: 60, reserved_connections: 3 },
    },
  ])
})

test('an idle pool is named as what to make smaller', () => {
  expect(found(55, 60, 50)[0]?.remedy).toContain('50 of its 55 sessions are idle')
})

test('one free slot is an error however small the server', () => {
  expect(found(6, 10)).toMatchObject([{ severity: 'error' }])
})

test('above 80 % it is a warning, below it is nothing', () => {
  expect(found(47)).toMatchObject([{ severity: 'warning' }])
  expect(found(45)).toEqual([])
})
