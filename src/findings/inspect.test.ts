import { expect, test } from 'vitest'
import { defineCheck } from '../core/check.ts'
import { unseen } from '../core/observation.ts'
import { snapshot } from '../../test/builders.ts'
import { inspect } from './inspect.ts'

const check = defineCheck({
  id: 'replication/standby-connected',
  on: ['postgres'],
  severity: 'error',
  needs: ['receiver'],
  question: '?',
  seeds: [],
  limits: { least: { default: 1, unit: 'count', why: 'a test' } },
  *run({ nodes, limits }) {
    for (const node of nodes)
      if (node.receiver.length < limits.least)
        yield { subject: node.name, message: 'x', evidence: { least: limits.least }, remedy: 'y' }
  },
})

test('a node of which a needed fact was not seen is blind, and never reaches the check', () => {
  const healthy = snapshot()
  const nodes = healthy.nodes.map((node) =>
    node.name === 'primary'
      ? { ...node, facts: { ...node.facts, receiver: unseen('no-privilege', 'hidden', 'grant pg_monitor') } }
      : node,
  )
  const [result] = inspect([check], { ...healthy, nodes }, [])
  expect(result?.blind).toEqual([
    { node: 'primary', why: 'no-privilege', detail: 'hidden', remedy: 'grant pg_monitor' },
  ])
  expect(result?.looked).toEqual(['standby', 'subscriber'])
  expect(result?.found.map(({ subject }) => subject)).toEqual(['subscriber'])
})

test('the configuration’s thresholds replace the check’s own limits', () => {
  const [result] = inspect([check], snapshot(), [], { 'replication/standby-connected': { least: 0 } })
  expect(result?.found).toEqual([])
})
