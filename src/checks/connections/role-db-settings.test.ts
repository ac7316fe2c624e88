import { expect, test } from 'vitest'
import { findingsOf, lastGood, snapshot } from '../../../test/builders.ts'
import check from './role-db-settings.ts'

const row = (name: string, value: string, role: string | null = 'app', database: string | null = null) => ({
  role,
  database,
  name,
  value,
})
type Row = ReturnType<typeof row>
const found = (good: readonly Row[] | null, now: readonly Row[]) =>
  findingsOf(
    check,
    snapshot({
      primary: { roleSettings: now },
      standby: { roleSettings: now },
      ...(good && {
        facts: { lastGood: lastGood({ primary: { roleSettings: good }, standby: { roleSettings: good } }) },
      }),
    }),
  )

test('a setting that breaks sessions is an error, with the statement that undoes it, once and not on each standby', () => {
  expect(found([], [row('statement_timeout', '1ms')])).toMatchObject([
    {
      subject: 'primary:role app statement_timeout',
      severity: 'error',
      evidence: { old: null, new: '1ms' },
      remedy: expect.stringContaining('alter role "app" reset statement_timeout;'),
    },
  ])
})

test('one that is no longer set is put back with its old value', () => {
  expect(found([row('search_path', 'app, public', null, 'auth')], [])).toMatchObject([
    {
      subject: 'primary:database auth search_path',
      remedy: expect.stringContaining(`alter database "auth" set search_path = 'app', 'public';`),
    },
  ])
})

test('others are a warning', () => {
  expect(found([row('work_mem', '4MB')], [row('work_mem', '8MB')])).toMatchObject([{ severity: 'warning' }])
})

test('the same rows, masks of two processes, and nothing known good are no finding', () => {
  expect(found([row('work_mem', '4MB')], [row('work_mem', '4MB')])).toEqual([])
  expect(found([row('my.token', '*** (#11111111)')], [row('my.token', '*** (#22222222)')])).toEqual([])
  expect(found(null, [row('statement_timeout', '1ms')])).toEqual([])
})
