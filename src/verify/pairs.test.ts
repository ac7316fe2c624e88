import { expect, test } from 'vitest'
import { node, publication, slot, subscription } from '../../test/builders.ts'
import { unseen } from '../core/observation.ts'
import type { NodeView } from '../core/snapshot.ts'
import { pairsOf, pairsOfTwo } from './pairs.ts'

const nodes = [node('primary', 'primary'), node('standby', 'standby'), node('reports', 'subscriber')]

const words = (views: readonly NodeView[]): readonly string[] =>
  pairsOf(views).pairs.map(({ left, right, follows }) => `${left} ${right} ${follows}`)

const unreachable = (view: NodeView): NodeView => ({
  ...view,
  facts: { ...view.facts, server: unseen('unreachable', 'db2: connect ECONNREFUSED', 'start it') },
})

test('the primary is paired with every standby, the publisher with every subscriber', () => {
  expect(words(nodes)).toEqual(['primary standby physical', 'primary reports logical'])
  // A cascaded standby may be ahead of the one that it streams from: it is held against the primary.
  const cascaded = [...nodes, node('behind', 'standby')]
  expect(words(cascaded)).toEqual(['primary standby physical', 'primary reports logical', 'primary behind physical'])
})

test('a standby without its primary, and a node that does not answer, are never passed over in silence', () => {
  const alone = pairsOf(nodes.slice(1, 2).map((view) => ({ ...view, upstream: null })))
  expect(alone).toMatchObject({ pairs: [], blind: [{ what: 'node standby' }] })
  const silent = pairsOf(nodes.map((view) => (view.name === 'standby' ? unreachable(view) : view)))
  expect(silent.pairs).toHaveLength(1)
  expect(silent.blind).toEqual([{ what: 'node standby', why: 'db2: connect ECONNREFUSED' }])
})

test('a subscriber of two publishers has two pairs, each with its own subscriptions', () => {
  const second = node('other', 'primary', {
    publications: [publication(['logs'], { name: 'logs_pub' })],
    replicationSlots: [slot('logs_sub', { type: 'logical' })],
  })
  const both = node('reports', 'subscriber', {
    subscriptions: [
      subscription(['users']),
      subscription(['logs'], { name: 'logs_sub', slot: 'logs_sub', publications: ['logs_pub'] }),
      subscription(['far'], { name: 'far_sub', slot: 'far_sub', publications: ['far_pub'] }),
    ],
  })
  const { pairs, notCovered } = pairsOf([node('primary', 'primary'), second, both])
  expect(
    pairs.map((pair) => [pair.left, pair.follows === 'logical' ? pair.subscriptions.map(({ name }) => name) : null]),
  ).toEqual([
    ['primary', ['sub']],
    ['other', ['logs_sub']],
  ])
  expect(notCovered).toEqual([{ what: 'subscription far_sub of reports', why: 'its publisher is not among the nodes' }])
})

test('a publisher whose slot is gone is known by what it publishes', () => {
  const lost = node('primary', 'primary', { replicationSlots: [] })
  expect(words([lost, node('reports', 'subscriber')])).toEqual(['primary reports logical'])
})

test('of two addresses one follows the other where that is seen, in whatever order they are given', () => {
  expect(pairsOfTwo([node('reports', 'subscriber'), node('primary', 'primary')]).pairs).toMatchObject([
    { left: 'primary', right: 'reports', follows: 'logical' },
  ])
  const strangers = [node('a', 'primary'), node('b', 'primary')]
  expect(pairsOfTwo(strangers).pairs).toEqual([{ left: 'a', right: 'b', follows: 'declared' }])
  expect(pairsOfTwo([node('a', 'primary'), unreachable(node('b', 'primary'))])).toMatchObject({
    pairs: [],
    blind: [{ what: 'node b' }],
  })
})

test('a second name of one server is told, and makes nothing blind', () => {
  const twin = node('twin', 'primary')
  const why = unseen('named-twice', 'it is the same server as primary', 'take one away')
  expect(pairsOf([...nodes, { ...twin, facts: { ...twin.facts, server: why } }])).toMatchObject({
    blind: [],
    notCovered: [{ what: 'node twin' }],
  })
})
