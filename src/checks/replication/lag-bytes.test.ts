import { expect, test } from 'vitest'
import { findingsOf, snapshot, t0 } from '../../../test/builders.ts'
import check from './lag-bytes.ts'

const wal = { writeLsn: null, receiveLsn: null, replayLsn: null, replayPaused: false, timeline: 1 }
const at = (
  written: string,
  received: string,
  replayed: string,
  settings: Readonly<Record<string, string>> = {},
  seconds = 0,
) =>
  snapshot({
    atMs: t0 + seconds * 1000,
    primary: { wal: { ...wal, writeLsn: written }, settings: { max_slot_wal_keep_size: '1024' } },
    standby: { wal: { ...wal, receiveLsn: received, replayLsn: replayed }, settings },
  })

test('two segments that were received and not replayed are a warning that names the replay', () => {
  expect(findingsOf(check, at('0/5000000', '0/5000000', '0/3000000'))).toMatchObject([
    {
      subject: 'standby',
      severity: 'warning',
      message: expect.stringContaining('received and not replayed'),
      evidence: { lag_bytes: 33_554_432, not_received_bytes: 0, not_replayed_bytes: 33_554_432 },
    },
  ])
})

test('WAL that did not arrive is told apart from WAL that is not replayed', () => {
  expect(findingsOf(check, at('0/5000000', '0/3000000', '0/3000000'))).toMatchObject([
    { evidence: { not_received_bytes: 33_554_432 }, remedy: expect.stringContaining('does not arrive') },
  ])
})

test('a quarter of what the slot may keep is an error, long before a gigabyte', () => {
  const slot = { primary_slot_name: 'standby' }
  expect(findingsOf(check, at('0/20000000', '0/3000000', '0/3000000', slot))).toMatchObject([{ severity: 'error' }])
  expect(findingsOf(check, at('0/20000000', '0/3000000', '0/3000000'))).toMatchObject([{ severity: 'warning' }])
})

test('the time to catch up is told where replay is faster than the writer', () => {
  const found = findingsOf(
    check,
    at('0/7000000', '0/7000000', '0/5000000', {}, 10),
    at('0/6000000', '0/6000000', '0/1000000'),
  )
  expect(found).toMatchObject([{ evidence: { catches_up_in_s: 7 } }])
})

test.each([
  ['an idle primary', at('0/3000000', '0/3000000', '0/3000000')],
  ['a standby that was read a moment later than its primary', at('0/3000000', '0/5000000', '0/5000000')],
  [
    'a declared delay that has received everything',
    at('0/9000000', '0/9000000', '0/1000000', { recovery_min_apply_delay: '60000' }),
  ],
  ['a new standby that has replayed nothing it could name', snapshot({ standby: { wal } })],
])('%s: no finding', (_, cluster) => {
  expect(findingsOf(check, cluster)).toEqual([])
})

test('a standby whose primary cannot be seen is not compared with nothing', () => {
  const cluster = at('0/9000000', '0/3000000', '0/3000000')
  expect(findingsOf(check, { ...cluster, nodes: cluster.nodes.filter(({ name }) => name !== 'primary') })).toEqual([])
})
