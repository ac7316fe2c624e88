import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './standby-first.ts'

test.each([
  [
    `max_connections = 200
`,
    { file: 'postgresql.conf', cluster: { standby: { settings: { max_connections: '100' } } } },
    ['error primary:max_connections @ standby'],
  ],
  [
    `max_connections = 200
`,
    { file: 'postgresql.conf' },
    ['warning primary:max_connections @ standby'],
  ],
  [
    `# antemortem:on standby
max_connections = 50
`,
    { file: 'postgresql.conf', cluster: { primary: { settings: { max_connections: '100' } } } },
    ['error standby:max_connections @ standby'],
  ],
])('%j: more room on the primary than on the standby is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `max_connections = 200
`,
    { file: 'postgresql.conf', cluster: { standby: { settings: { max_connections: '300' } } } },
    [],
  ],
  [
    `max_connections = 200
# antemortem:on standby
max_connections = 200
`,
    { file: 'postgresql.conf', cluster: { standby: { settings: { max_connections: '100' } } } },
    [],
  ],
  [
    `work_mem = 64MB
`,
    { file: 'postgresql.conf' },
    [],
  ],
])('%j: a standby that has as much, now or by the same change, is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
