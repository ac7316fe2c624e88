import { expect, test } from 'vitest'
import { testLab } from '../../../lab/testing.ts'
import { readAddress } from '../address.ts'
import { openReader } from '../reader-session.ts'
import { readFillable } from './fillable.ts'

const signal = AbortSignal.timeout(60_000)

test('a table is described as far as one must know it to write a row', async () => {
  const lab = await testLab()
  await lab.rows(
    'primary',
    `create schema s; create domain s.even as int check (value % 2 = 0);
    create type s.mood as enum ('a', 'b');
    create table s.p (at date not null, n s.even, m s.mood, o bigint references orders (id), primary key (at)) partition by range (at);
    create table s.p1 partition of s.p for values from ('2026-01-01') to ('2027-01-01')`,
  )
  const opened = await openReader(readAddress(lab.url('primary', 'watch')), {
    signal,
    deadlineMs: 5000,
    applicationName: 'test',
    statementTimeoutMs: 5000,
  })
  if (!opened.ok) throw new Error(opened.failure.message)
  const tables = await readFillable(opened.reader, { signal, deadlineMs: 5000 })
  await opened.reader.session.close()
  expect(tables.map(({ schema, name }) => `${schema}.${name}`)).toEqual([
    'public.orders',
    'public.sessions',
    'public.users',
    's.p1',
  ])
  expect(tables[0]).toMatchObject({
    primaryKey: ['id'],
    unique: ['id'],
    foreignKeys: [{ columns: ['user_id'], schema: 'public', table: 'users', references: ['id'] }],
    checks: [{ columns: ['amount'], text: 'CHECK ((amount >= (0)::numeric))' }],
  })
  expect(tables[3]).toMatchObject({
    root: { schema: 's', name: 'p' },
    columns: [
      { name: 'at', type: 'date', notNull: true },
      { name: 'n', type: 'int4', notNull: false },
      { name: 'm', type: 'mood', kind: 'e', labels: ['a', 'b'] },
      { name: 'o', type: 'int8' },
    ],
    primaryKey: ['at'],
    foreignKeys: [{ columns: ['o'], table: 'orders' }],
    checks: [
      { columns: ['at', 'n', 'm', 'o'], text: expect.stringContaining(`at >= '2026-01-01'::date`) },
      { columns: ['n'], text: 'CHECK (((VALUE % 2) = 0))' },
    ],
  })
})
