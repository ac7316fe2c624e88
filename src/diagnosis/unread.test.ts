import { expect, test } from 'vitest'
import { caseOf, snapshot, t0 } from '../../test/builders.ts'
import { diagnosed } from '../../test/diagnosing.ts'
import type { Case } from '../core/diagnosis.ts'
import { unseen } from '../core/observation.ts'

const pooler = unseen('not-configured', 'a pooler answers here', 'point the url at the server itself')
const behind = (reached: boolean): Case['snapshot'] => {
  const path = { from: 'here', node: 'primary', atMs: t0, ok: false, reached, ms: 1, detail: 'a pooler answers here' }
  const { nodes, ...rest } = snapshot({ facts: { paths: [path] } })
  return {
    ...rest,
    nodes: nodes.map((node) =>
      node.name === 'primary' ? { ...node, facts: { ...node.facts, server: pooler } } : node,
    ),
  }
}
const told = {
  check: 'connections/reachable',
  node: 'primary',
  why: 'not-configured',
  detail: pooler.detail,
  remedy: pooler.remedy,
}

test('a node that answers and cannot be read is told, with what to do, once', () => {
  const again = { ...told, check: 'replication/lag-time' }
  const other = {
    ...told,
    check: 'replication/lag-time',
    node: 'standby',
    why: 'no-privilege' as const,
    detail: 'no right',
  }
  expect(diagnosed({ snapshot: behind(true) }).not_seen).toEqual([told])
  expect(
    diagnosed({ snapshot: behind(true), unchecked: [{ ...again, why: 'not-configured' }, other] }).not_seen,
  ).toEqual([told, other])
})

test('one that does not answer is told by findings and suspects', () => {
  expect(diagnosed({ snapshot: behind(false) }).not_seen).toBeUndefined()
  expect(diagnosed(caseOf()).not_seen).toBeUndefined()
})
