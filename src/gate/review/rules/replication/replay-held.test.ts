import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './replay-held.ts'

test.each([
  [
    `-- antemortem:on standby
select pg_wal_replay_pause()`,
    {},
    ['error standby:pg_wal_replay_pause @ standby'],
  ],
  [
    `-- antemortem:on standby
alter system set recovery_min_apply_delay = '10min'`,
    { cluster: {} },
    ['warning standby:recovery_min_apply_delay @ standby'],
  ],
])('%j: a pause that is not ended, and a delay, are told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `-- antemortem:on standby
select pg_wal_replay_pause();
select pg_wal_replay_resume()`,
    {},
    [],
  ],
  [
    `-- antemortem:on standby
alter system set recovery_min_apply_delay = 0`,
    {},
    [],
  ],
])('%j: a pause with its end, and no delay, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
