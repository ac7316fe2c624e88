import { expect, test } from 'vitest'
import { rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './setting-harms.ts'

const run = async (name: string, text: string) => [...rule.run(rehearsal({ results: await resultsOf({ name, text }) }))]

test.each([
  ['fsync = off', 'integrity/table-corruption'],
  [`archive_command = '/bin/false'`, 'capacity/disk-full'],
  ['max_slot_wal_keep_size = 2MB', 'replication/slot-lost'],
  ['recovery_min_apply_delay = 10min', 'replication/delayed-apply'],
  ['max_standby_streaming_delay = 0', 'replication/replay-conflict'],
])('%s would become %s', async (text, consequence) => {
  const name = text.split(' ')[0] ?? ''
  expect(await run('postgresql.conf', text)).toMatchObject([{ object: `primary:${name}`, consequence }])
})

test('a table that is no longer vacuumed is a warning', async () => {
  expect(await run('m.sql', 'alter table orders set (autovacuum_enabled = false)')).toMatchObject([
    { object: 'primary:public.orders', severity: 'warning' },
  ])
})

test.each(['fsync = on', 'max_slot_wal_keep_size = -1', 'work_mem = 8MB', `archive_command = 'copy %p'`])(
  '%s harms nobody',
  async (text) => {
    expect(await run('postgresql.conf', text)).toEqual([])
  },
)
