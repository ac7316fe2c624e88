import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './standby-source.ts'

test.each([
  [
    `# antemortem:on standby
primary_conninfo = 'host=10.9.9.9 user=replicator'
`,
    { file: 'postgresql.conf', cluster: {} },
    ['error standby:primary_conninfo @ standby'],
  ],
  [
    `# antemortem:on standby
primary_slot_name = 'other'
`,
    { file: 'postgresql.conf', cluster: {} },
    ['error standby:primary_slot_name @ standby'],
  ],
  [
    `# antemortem:on standby
primary_slot_name = 'other'
`,
    { file: 'postgresql.conf' },
    ['warning standby:primary_slot_name @ standby'],
  ],
])('%j: a source that is none is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `# antemortem:on standby
primary_conninfo = 'host=db1 user=replicator'
primary_slot_name = 'standby'
`,
    { file: 'postgresql.conf', cluster: {} },
    [],
  ],
])('%j: another node of the cluster, and a slot that is there, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
