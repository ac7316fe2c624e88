import { expect, test } from 'vitest'
import { table } from '../../../../test/builders.ts'
import { rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './not-on-standby.ts'

const run = async (text: string, more: Parameters<typeof rehearsal>[0] = {}) => [
  ...rule.run(rehearsal({ results: await resultsOf({ name: 'm.sql', text }), ...more })),
]

test('a tablespace needs its directory on every standby', async () => {
  expect(await run(`create tablespace fast location '/mnt/fast'`)).toMatchObject([
    { object: 'standby:tablespace fast', nodes: ['standby'] },
  ])
})

test('an extension that a standby does not have installed is named', async () => {
  const extensions = new Map([
    ['primary', new Set(['pg_trgm'])],
    ['standby', new Set<string>()],
  ])
  expect(await run('create extension pg_trgm', { extensions })).toMatchObject([
    { object: 'standby:extension pg_trgm', nodes: ['standby'], consequence: 'application/error' },
  ])
})

test('a new database is carried by nobody', async () => {
  expect(await run('create database billing')).toMatchObject([
    { object: 'subscriber:database billing', severity: 'warning' },
  ])
})

test('an unlogged table cannot be read on a standby', async () => {
  const is = { primary: { tables: [table('users'), table('cart', { unlogged: true })] } }
  expect(await run('create unlogged table cart (id int)', { is })).toMatchObject([
    { object: 'standby:public.cart', severity: 'warning' },
  ])
})

test('an extension that all have, and a logged table, are no finding', async () => {
  const extensions = new Map([['standby', new Set(['pg_trgm'])]])
  expect(await run('create extension pg_trgm', { extensions })).toEqual([])
  expect(await run('create table notes (id int)')).toEqual([])
})
