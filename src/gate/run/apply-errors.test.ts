import { expect, test } from 'vitest'
import { lastWorkerError, moved } from './apply-errors.ts'

const at = '2026-03-05 09:04:00.123 UTC'

test('the last error of a worker comes with its code and the table that its context names', () => {
  const log = `${at} [12] 23505 ERROR:  first
${at} [12] 22P02 ERROR:  invalid input value for enum public.mood: "bored"
${at} [12] 22P02 CONTEXT:  processing remote data for replication origin "pg_1" during message type "INSERT" for replication target relation "public.tickets" column "feeling" in transaction 7
${at} [13] 00000 LOG:  background worker "logical replication apply worker" (PID 12) exited with exit code 1`
  expect(lastWorkerError(log)).toEqual({
    message: 'invalid input value for enum public.mood: "bored"',
    code: '22P02',
    relation: 'public.tickets',
  })
})

test('without a context the message itself may name the table', () => {
  const log = `${at} [12] 55000 ERROR:  logical replication target relation "public.users" does not exist`
  expect(lastWorkerError(log)).toMatchObject({ relation: 'public.users' })
})

test('row security names its table without a schema', () => {
  const log = `${at} [12] 0A000 ERROR:  user "app" cannot replicate into relation with row-level security enabled: "users"`
  expect(lastWorkerError(log)).toMatchObject({ relation: 'public.users', code: '0A000' })
})

test('what a client did wrong is none of a worker’s errors', () => {
  const log = `${at} [12] 23505 ERROR:  of the worker\n${at} [14] 42P01 app@auth/login ERROR:  of a client`
  expect(lastWorkerError(log)).toMatchObject({ message: 'of the worker' })
})

test('a log without an error has none', () => {
  expect(lastWorkerError(`${at} [1] 00000 LOG:  ready`)).toEqual({ message: null, code: null, relation: null })
})

test('what fails while the primary is restarted counts for nothing', () => {
  const [before, changed, restarted] = [1, 2, 5].map((count) => new Map([['reports', count]]))
  expect(moved(before ?? new Map(), changed ?? new Map(), restarted ?? new Map())).toEqual(new Map([['reports', 4]]))
})
