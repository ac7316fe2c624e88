import { expect, test } from 'vitest'
import { contract, sender, snapshot } from '../../../test/builders.ts'
import type { PostgresFacts } from '../../core/facts/postgres/index.ts'
import { behindNow, whyNotNow } from './calm.ts'

const wal: PostgresFacts['wal'] = {
  writeLsn: '1/0',
  receiveLsn: null,
  replayLsn: null,
  replayPaused: false,
  timeline: 1,
}
const at = (replayLsn: string, applicationName = 'standby') =>
  snapshot({ primary: { wal, senders: [sender(applicationName, { replayLsn, slot: 'standby_slot' })] } })

test('a standby that falls behind by more than 64 MiB stops the change, as does one that is gone', () => {
  expect(behindNow(at('0/FFFFFFFF'), at('0/FFF00000'))).toBeNull()
  expect(behindNow(at('0/FFFFFFFF'), at('0/F0000000'))).toMatchObject({
    id: 'lag-grows',
    why: 'standby_slot of primary has fallen behind by 256 MiB more than before the change',
  })
  expect(behindNow(at('0/FFFFFFFF'), snapshot({ primary: { wal, senders: [] } }))).toMatchObject({ id: 'stream-gone' })
})

test('one that was behind before the change already, and the copy of a new table, do not', () => {
  expect(behindNow(at('0/F0000000'), at('0/F0000000'))).toBeNull()
  const copying = at('0/FFFFFFFF', 'pg_16384_sync_16390_7500000000000000000')
  expect(behindNow(copying, snapshot({ primary: { wal, senders: [] } }))).toBeNull()
})

test('a contract that fails now and held before stops it; one that failed before does not', async () => {
  const failing = contract('primary', { ok: false, layer: 'query', message: 'no such column' })
  const look = {
    look: () => Promise.resolve(snapshot()),
    contracts: () => Promise.resolve([failing]),
    signal: new AbortController().signal,
  }
  expect(
    await whyNotNow({ snapshot: snapshot(), contracts: [contract('primary')], replication: [], conflicts: {} }, look),
  ).toMatchObject({
    id: 'contract-fails',
    why: expect.stringContaining('no such column'),
  })
  expect(
    await whyNotNow({ snapshot: snapshot(), contracts: [failing], replication: [], conflicts: {} }, look),
  ).toBeNull()
})
