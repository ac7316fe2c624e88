import { expect, test } from 'vitest'
import { allReaders } from './observations.ts'
import type { ReadContext } from './reader.ts'

const context: ReadContext = {
  hello: {
    versionNum: 180_004,
    database: 'auth',
    databaseOid: 16_384,
    systemId: '1',
    startedMs: 1,
    maxConnections: 100,
    reserved: 3,
    role: 'antemortem',
  },
  names: new Map(),
  slots: new Map(),
  raw: () => null,
}

const many = (count: number, row: (i: number) => unknown): readonly unknown[] =>
  Array.from({ length: count }, (_, i) => row(i))

test.each([
  ['functions', 10_000, (i: number) => ['public', `f${i}`, '', 'v', 'a', null]],
  ['triggers', 10_000, (i: number) => ['public', 'users', `t${i}`, 'O', 'a']],
  ['roles', 10_000, (i: number) => [`r${i}`, true, false, false, -1, null]],
  ['roleSettings', 10_000, (i: number) => [`r${i}`, null, 'jit=off']],
] as const)(
  'as many %s as are read are read; one more, and that is said instead of a part of them',
  (key, most, row) => {
    const reader = allReaders.find((one) => one.key === key)
    expect(reader?.read(many(most, row), context)).toHaveLength(most)
    expect(reader?.read(many(most + 1, row), context)).toMatchObject({
      seen: false,
      detail: expect.stringContaining(`more than ${most}`),
    })
  },
)

test('sessions that each have a name of their own are told together beyond the hundred largest', () => {
  const reader = allReaders.find(({ key }) => key === 'activity')
  const read = reader?.read([0, null, many(150, (i) => ['app', 'auth', `job-${i}`, i < 100 ? 2 : 1, 1, 0, 0])], context)
  const use: unknown = read && Reflect.get(read, 'use')
  expect(use).toHaveLength(101)
  expect(use).toMatchObject({ 100: { role: 'app', application: '(others)', total: 50, active: 50 } })
})
