import { expect, test } from 'vitest'
import { findingsBeside, findingsOf, host, node, snapshot, subscriptionState, t0 } from '../../../test/builders.ts'
import type { HostFact } from '../../core/facts/cluster.ts'
import { seen, unseen } from '../../core/observation.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import check from './primary-dead-vs-unreachable.ts'

const lost = { standby: { receiver: [] }, subscriber: { subscriptionStates: [subscriptionState({ workerPid: null })] } }
const hosts = (postmaster: HostFact['postmaster'], atMs = t0) => ({
  hosts: { hosts: [host('primary', { postmaster, atMs })], blind: [] },
})
const silent = (cluster: Snapshot, names: readonly string[] = ['primary'], reached = false): Snapshot => ({
  ...cluster,
  nodes: cluster.nodes.map((each) =>
    names.includes(each.name)
      ? { ...each, facts: { ...each.facts, server: unseen('unreachable', 'silence', 'look') } }
      : each,
  ),
  facts: {
    ...cluster.facts,
    paths: seen(
      t0,
      cluster.nodes.map(({ name }) => {
        const isGone = names.includes(name)
        return { from: 'here', node: name, atMs: t0, ok: !isGone, reached: reached || !isGone, ms: 1, detail: null }
      }),
    ),
  },
})
const beside = { unansweredMs: { primary: 12_000 } }

test('where its standbys still stream it is the path from here, and nobody may promote', () => {
  expect(findingsBeside(check, silent(snapshot()), beside)).toMatchObject([
    {
      subject: 'primary',
      severity: 'warning',
      evidence: { streams_to: 'standby, subscriber', lost_by: null },
      remedy: expect.stringContaining('Do not promote'),
    },
  ])
})

test('where all have lost it, it is dead', () => {
  expect(findingsBeside(check, silent(snapshot(lost)), beside)).toMatchObject([
    { severity: 'critical', evidence: { streams_to: null, lost_by: 'standby, subscriber' } },
  ])
})

test('its host has the last word: no postmaster, or one that answers nobody', () => {
  expect(findingsBeside(check, silent(snapshot({ ...lost, facts: hosts('absent') })), beside)).toMatchObject([
    { severity: 'critical', message: expect.stringContaining('its host has no postmaster') },
  ])
  expect(findingsBeside(check, silent(snapshot({ ...lost, facts: hosts('running') })), beside)).toMatchObject([
    { severity: 'critical', message: expect.stringContaining('runs and answers nobody') },
  ])
})

test('what its host said before it fell silent says nothing of now', () => {
  const before = silent(snapshot({ ...lost, facts: hosts('running', t0 - 60_000) }))
  expect(findingsBeside(check, before, beside)).toMatchObject([
    { evidence: { postmaster: 'unknown', lost_by: 'standby, subscriber' } },
  ])
})

test('with nobody else to ask it is told neither dead nor alive', () => {
  expect(findingsBeside(check, silent(snapshot(), ['primary', 'standby', 'subscriber']), beside)).toMatchObject([
    { subject: 'primary', severity: 'error', message: expect.stringContaining('nobody else can be asked') },
  ])
})

test('the first seconds of a planned restart are no finding', () => {
  expect(findingsBeside(check, silent(snapshot(lost)), { unansweredMs: { primary: 5000 } })).toEqual([])
})

test.each([
  ['a primary that answers', snapshot()],
  ['a standby that does not answer', silent(snapshot(), ['standby'])],
  ['a primary that refuses only our login', silent(snapshot(), ['primary'], true)],
])('%s: no finding', (_, cluster) => {
  expect(findingsOf(check, cluster)).toEqual([])
})

test('after a failover the old primary is not asked for any more', () => {
  const cluster = silent(snapshot(lost))
  const nodes = cluster.nodes.map((each) => (each.name === 'standby' ? node('standby', 'primary') : each))
  expect(findingsBeside(check, { ...cluster, nodes }, beside)).toEqual([])
})
