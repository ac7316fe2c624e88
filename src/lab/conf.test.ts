import { expect, test } from 'vitest'
import { authBlueprint } from './auth.ts'
import { confLines, conninfo, serverSettings } from './conf.ts'

test('quotes are doubled in settings and escaped in connection strings', () => {
  expect(confLines({ a: "it's" })).toBe("a = 'it''s'\n")
  expect(conninfo({ host: 'h', port: 1, password: "a'\\b" })).toBe(String.raw`host='h' port='1' password='a\'\\b'`)
})

test('settings of a later version are left out on an older server', () => {
  const blueprint = authBlueprint()
  const standby = blueprint.nodes.find(({ role }) => role === 'standby')
  if (standby === undefined) throw new Error('auth has a standby')
  expect(serverSettings(blueprint, standby, 18)).toMatchObject({ sync_replication_slots: 'on', io_method: 'sync' })
  expect(serverSettings(blueprint, standby, 15)).not.toHaveProperty('sync_replication_slots')
  expect(serverSettings(blueprint, standby, 15)).not.toHaveProperty('io_method')
  expect(serverSettings(blueprint, standby, 15)).toMatchObject({ hot_standby_feedback: 'on' })
})
