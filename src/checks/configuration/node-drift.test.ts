import { expect, test } from 'vitest'
import type { PostgresFacts } from '../../core/facts/postgres/index.ts'
import { findingsOf, snapshot } from '../../../test/builders.ts'
import check from './node-drift.ts'

type Settings = PostgresFacts['settings']
const found = (primary: Settings, standby: Settings, subscriber: Settings = primary) =>
  findingsOf(
    check,
    snapshot({ primary: { settings: primary }, standby: { settings: standby }, subscriber: { settings: subscriber } }),
  )

test('a standby that is set otherwise is a warning with both values', () => {
  expect(found({ work_mem: '4096' }, { work_mem: '8192' })).toMatchObject([
    {
      subject: 'standby:work_mem',
      severity: 'warning',
      evidence: { standby_setting: '8192', primary_setting: '4096' },
      remedy: expect.stringContaining("alter system set work_mem = '4096';"),
    },
  ])
})

test('one that would refuse writes or lose data as the next primary is an error', () => {
  expect(found({ fsync: 'on' }, { fsync: 'off' })).toMatchObject([{ severity: 'error' }])
})

test('a primary that is the one to mend is not held up to its standby', () => {
  expect(
    found({ fsync: 'off', default_transaction_read_only: 'on' }, { fsync: 'on', default_transaction_read_only: 'off' }),
  ).toEqual([])
})

test('what is each node’s own, and what has a check of its own, is no drift', () => {
  const local = {
    port: '5432',
    cluster_name: 'a',
    ssl_key_file: 'a',
    recovery_min_apply_delay: '0',
    max_connections: '9',
  }
  const other = {
    port: '5433',
    cluster_name: 'b',
    ssl_key_file: 'b',
    recovery_min_apply_delay: '6000',
    max_connections: '8',
  }
  expect(found(local, other)).toEqual([])
})

test('a subscriber is another database and may be set as it likes; a setting of one side only is no drift', () => {
  expect(found({ work_mem: '1' }, { work_mem: '1', 'my.own': 'x' }, { work_mem: '2' })).toEqual([])
})
