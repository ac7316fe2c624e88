import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './unreadable-setting.ts'

test.each([
  [
    `max_connections = sixty
`,
    { file: 'postgresql.conf' },
    ['error primary:max_connections @ primary'],
  ],
  [
    `max_conections = 100
`,
    { file: 'postgresql.conf' },
    ['error primary:max_conections @ primary'],
  ],
  [
    `wal_level = logicl
`,
    { file: 'postgresql.conf' },
    ['error primary:wal_level @ primary'],
  ],
  [
    `hot_standby = perhaps
`,
    { file: 'postgresql.conf' },
    ['error primary:hot_standby @ primary'],
  ],
  [
    `max_wal_senders = -3
`,
    { file: 'postgresql.conf' },
    ['error primary:max_wal_senders @ primary'],
  ],
  [
    `this is no setting
`,
    { file: 'postgresql.conf' },
    ['error primary:this @ primary'],
  ],
])('%j: what the server cannot read is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `shared_buffers = 128MB # more
log_line_prefix = '%m '
work_mem 4096
pg_stat_statements.max = 10000

synchronous_commit = remote_apply
fsync = on
`,
    { file: 'postgresql.conf' },
    [],
  ],
  [
    `own_setting = 1
`,
    { file: 'postgresql.conf', cluster: { primary: { settings: { own_setting: '1' } } } },
    [],
  ],
])('%j: units, quotes, comments, and settings of extensions are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test('values of other builds, and names of older versions where the version is not known, are well', async () => {
  const text = 'wal_compression = zstd\nio_method = io_uring\nwal_level = hot_standby\nstats_temp_directory = x\n'
  expect(await reviewed(rule, text, { file: 'postgresql.conf' })).toEqual([])
  const old = await reviewed(rule, 'stats_temp_directory = x\n', { file: 'postgresql.conf', cluster: {} })
  expect(old).toEqual(['error primary:stats_temp_directory @ primary'])
})
