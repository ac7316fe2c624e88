import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './hot-standby-off.ts'

test.each([
  [
    `# antemortem:on standby
hot_standby = off
`,
    { file: 'postgresql.conf', cluster: {} },
    ['error standby:hot_standby @ standby'],
  ],
])('%j: a standby without readers is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `hot_standby = off
`,
    { file: 'postgresql.conf', cluster: {} },
    [],
  ],
  [
    `# antemortem:on standby
hot_standby = on
`,
    { file: 'postgresql.conf' },
    [],
  ],
])('%j: on a primary it means nothing', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
