import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './slot-unused.ts'

test.each([
  [`select pg_create_physical_replication_slot('spare', true)`, {}, ['warning primary:slot spare @ primary']],
])('%j: a slot without a reader is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [`select pg_create_physical_replication_slot('spare', true, true)`, {}, []],
  [
    `select pg_create_logical_replication_slot('feed', 'pgoutput');
-- antemortem:on subscriber
create subscription s connection 'host=db1' publication pub with (create_slot = false, slot_name = 'feed')`,
    {},
    [],
  ],
])('%j: a temporary slot, and one for a subscription of the same change, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
