import { expect, test } from 'vitest'
import { isNodeLocal } from './node-settings.ts'

test.each([
  'port',
  'data_directory',
  'ssl_cert_file',
  'wal_receiver_timeout',
  'primary_conninfo',
  'recovery_min_apply_delay',
  'io_max_concurrency',
])('%s is each node’s own', (name) => expect(isNodeLocal(name)).toBe(true))

test.each(['work_mem', 'wal_level', 'fsync', 'shared_buffers', 'wal_keep_size'])(
  '%s should be the same everywhere',
  (name) => expect(isNodeLocal(name)).toBe(false),
)
