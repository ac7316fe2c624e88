import { expect, test } from 'vitest'
import { findingsBeside, snapshot } from '../../../test/builders.ts'
import { unseen } from '../../core/observation.ts'
import check from './lost-observation.ts'

const gone = unseen('unreachable', 'ECONNREFUSED', 'look')
const without = (name: string) => {
  const now = snapshot()
  return {
    ...now,
    nodes: now.nodes.map((node) => (node.name === name ? { ...node, facts: { ...node.facts, server: gone } } : node)),
  }
}
const found = (unansweredMs: number) =>
  findingsBeside(check, without('standby'), { unansweredMs: { standby: unansweredMs } })

test('ten seconds are a warning, a minute is an error, and it says what is still seen', () => {
  expect(found(11_000)).toMatchObject([
    {
      subject: 'standby',
      severity: 'warning',
      evidence: { still_seen: 'primary, subscriber', detail: 'ECONNREFUSED' },
    },
  ])
  expect(found(61_000)).toMatchObject([{ severity: 'error' }])
})

test('a lost packet, and nodes that answer, are no finding', () => {
  expect(found(2000)).toEqual([])
  expect(findingsBeside(check, snapshot(), { unansweredMs: { standby: 90_000 } })).toEqual([])
})
