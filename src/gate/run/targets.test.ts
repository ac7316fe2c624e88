import { expect, test } from 'vitest'
import { readChange } from '../change/read-change.ts'
import { stepsOf } from './targets.ts'
import type { Target } from './targets.ts'

const nodes: readonly Target[] = [
  { name: 'db1', role: 'primary' },
  { name: 'db2', role: 'standby' },
  { name: 'reports', role: 'subscriber' },
]
const steps = async (text: string) =>
  stepsOf(await readChange({ name: 'm.sql', text }), nodes).map((step) => step.nodes)

test.each([
  ['select 1', ['db1']],
  ['-- antemortem:on reports, db1\nselect 1', ['reports', 'db1']],
  ['-- antemortem:on subscriber\nselect 1', ['reports']],
  ['-- antemortem:on all, reports\nselect 1', ['db1', 'reports']],
  ['-- antemortem:on db2\nselect 1', ['db2']],
])('%j runs on %j', async (text, expected) => {
  expect(await steps(text)).toEqual([expected])
})

test('a node that is not there is refused with the section and the names', async () => {
  await expect(steps('select 1;\n-- antemortem:on report\nselect 2')).rejects.toMatchObject({
    exit: 2,
    message: 'm.sql:2: there is no node "report" in the cluster',
    hint: expect.stringContaining('reports (subscriber)'),
  })
})
