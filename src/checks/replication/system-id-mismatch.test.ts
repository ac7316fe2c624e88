import { expect, test } from 'vitest'
import { findingsOf, snapshot, t0 } from '../../../test/builders.ts'
import { unseen } from '../../core/observation.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import check from './system-id-mismatch.ts'

const base = snapshot()
const serverOf = (name: string) => {
  const server = base.nodes.find((node) => node.name === name)?.facts.server
  if (!server?.seen) throw new Error(`${name} has no server`)
  return server.value
}
const stranger = snapshot({ standby: { server: { ...serverOf('standby'), systemId: '9' } } })
const without = (cluster: Snapshot, upstream: string | null): Snapshot => ({
  ...cluster,
  nodes: cluster.nodes.map((node) => (node.name === 'standby' ? { ...node, upstream } : node)),
})
const hide = (cluster: Snapshot, name: string): Snapshot => ({
  ...cluster,
  nodes: cluster.nodes.map((node) =>
    node.name === name ? { ...node, facts: { ...node.facts, server: unseen('unreachable', 'silence', 'look') } } : node,
  ),
})
const lastGood = (systemId: string) =>
  ({
    atMs: t0,
    by: 'first',
    nodes: [{ node: 'primary', settings: null, roleSettings: null, accessRulesDigest: null, systemId }],
  }) as const

test.each([['primary'], [null]])('a standby of another system is found (upstream %s)', (upstream) => {
  expect(findingsOf(check, without(stranger, upstream))).toMatchObject([
    {
      subject: 'standby',
      severity: 'error',
      evidence: { system_identifier: '9', upstream: 'primary', upstream_system_identifier: '1' },
    },
  ])
})

test('another system under a known name is a warning', () => {
  expect(findingsOf(check, snapshot({ facts: { lastGood: lastGood('7') } }))).toMatchObject([
    { subject: 'primary', severity: 'warning', evidence: { last_known_good: '7' } },
  ])
})

test.each([
  ['a subscriber with its own system id', base],
  ['the system that was known', snapshot({ facts: { lastGood: lastGood('1') } })],
  ['a standby of the subscriber', snapshot({ standby: { server: { ...serverOf('standby'), systemId: '2' } } })],
  ['a standby whose primary cannot be seen', hide(without(stranger, null), 'primary')],
  ['nobody to compare with', hide(hide(stranger, 'primary'), 'subscriber')],
])('%s: no finding', (_, cluster) => {
  expect(findingsOf(check, cluster)).toEqual([])
})
