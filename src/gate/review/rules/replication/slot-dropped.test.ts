import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './slot-dropped.ts'

test.each([
  [`select pg_drop_replication_slot('sub')`, { cluster: {} }, ['error primary:slot sub @ primary']],
  [`select pg_drop_replication_slot('sub')`, {}, ['warning primary:slot sub @ primary']],
])('%j: the slot of a standby or subscription is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [`select pg_drop_replication_slot('old')`, { cluster: {} }, []],
  ['select slot_name from pg_replication_slots', {}, []],
])('%j: a slot that nobody uses may go', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
