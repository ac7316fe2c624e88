import { expect, test } from 'vitest'
import { host, logs } from '../../test/builders.ts'
import { unreadHosts, unreadLogs } from './unread.ts'

const blind = [{ node: 'standby', why: 'no host is configured', remedy: 'name it' }]

test('a node whose log is not read is blind, with why and what to do', () => {
  expect(unreadLogs({ ...logs([]), blind })).toEqual([
    { node: 'standby', why: 'not-configured', detail: 'no host is configured', remedy: 'name it' },
  ])
})

test('of a host that answers only the parts that are asked for count', () => {
  const unseen = [{ what: 'libraries', why: 'no pg_config', remedy: 'install it' } as const]
  const hosts = { hosts: [host('primary', { unseen })], blind }
  expect(unreadHosts(hosts, ['disks'])).toHaveLength(1)
  expect(unreadHosts(hosts, ['libraries'])).toMatchObject([
    { node: 'standby' },
    { node: 'primary', detail: 'no pg_config' },
  ])
})

test('a log that should be there and cannot be read is told as one thing', () => {
  const gone = { node: 'primary', why: 'there is no log', remedy: 'look', expected: true }
  expect(unreadLogs({ ...logs([]), blind: [...blind, gone] }).map(({ subjects }) => subjects)).toEqual([
    undefined,
    ['primary:log'],
  ])
})
