import { expect, test } from 'vitest'
import { finding, snapshot, t0 } from '../../../test/builders.ts'
import { diagnosed } from '../../../test/diagnosing.ts'
import { judgeGone, noHost, unreadLogs } from '../../../test/gone.ts'
import { unseen } from '../../core/observation.ts'
import { makeStyle } from '../../report/style.ts'
import { diagnosisText } from './diagnosis.ts'

const textOf = (diagnosis: ReturnType<typeof diagnosed>): string =>
  diagnosisText(diagnosis, makeStyle(false), 100).join('\n')

test('what looks alike is said to, and what would decide is said once', () => {
  const text = textOf(judgeGone({ hosts: noHost, logs: unreadLogs }))
  expect(text).toMatch(/^Something is wrong, and what was seen does not tell which of the causes below it is/)
  expect(text).toContain('server/stopped on primary: possible\n')
  expect(text.split('was it ordered to stop')).toHaveLength(2)
})

test('harm that nothing fits is said to be so', () => {
  expect(textOf(diagnosed({ findings: [finding('application/outcomes')] }))).toMatch(
    /none of the causes that are known/,
  )
})

test('a node that cannot be read is the first word, with what to do', () => {
  const path = { from: 'here', node: 'primary', atMs: t0, ok: false, reached: true, ms: 1, detail: 'a pooler answers' }
  const { nodes, ...rest } = snapshot({ facts: { paths: [path] } })
  const server = unseen('not-configured', 'a pooler answers', 'point the url at the server itself')
  const behind = nodes.map((node) => (node.name === 'primary' ? { ...node, facts: { ...node.facts, server } } : node))
  const text = textOf(
    diagnosed({
      snapshot: { ...rest, nodes: behind },
      findings: [finding('connections/reachable', { node: 'primary', subject: 'here→primary' })],
    }),
  )
  expect(text).toMatch(/^primary could not be read/)
  expect(text).toContain('point the url at the server itself')
})
