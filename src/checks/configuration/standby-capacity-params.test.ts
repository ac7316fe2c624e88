import { expect, test } from 'vitest'
import { findingsOf, snapshot } from '../../../test/builders.ts'
import check from './standby-capacity-params.ts'

const wal = {
  writeLsn: null,
  receiveLsn: '0/3000000',
  replayLsn: '0/3000000',
  replayPaused: true,
  timeline: 1,
} as const
const found = (primary: string, standby: string, name = 'max_connections', replayPaused = false) =>
  findingsOf(
    check,
    snapshot({
      primary: { settings: { [name]: primary } },
      standby: { settings: { [name]: standby }, wal: { ...wal, replayPaused } },
    }),
  )

test('a standby with less room than its primary is found while it still streams', () => {
  expect(found('90', '60')).toMatchObject([
    {
      subject: 'standby:max_connections',
      severity: 'error',
      evidence: { standby_setting: '60', primary_setting: '90' },
    },
  ])
})

test('one whose replay is paused by it is not to be resumed', () => {
  const [one] = found('90', '60', 'max_connections', true)
  expect(one?.message).toContain('its replay is paused')
  expect(one?.remedy).toContain('Do not resume')
})

test('as much or more room is no finding, nor less of what the WAL does not carry', () => {
  expect(found('60', '60')).toEqual([])
  expect(found('60', '200')).toEqual([])
  expect(found('16384', '128', 'shared_buffers')).toEqual([])
})
