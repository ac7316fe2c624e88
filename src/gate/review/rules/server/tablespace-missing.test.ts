import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './tablespace-missing.ts'

test.each([
  [`create tablespace fast location '/mnt/fast'`, { cluster: {} }, ['error standby:tablespace fast @ standby']],
  [`create tablespace fast location '/mnt/fast'`, {}, ['warning standby:tablespace fast @ standby']],
])('%j: a tablespace is told of every standby', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `-- antemortem:on subscriber
create tablespace fast location '/mnt/fast'`,
    { cluster: {} },
    [],
  ],
])('%j: on a subscriber it touches no standby', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
