import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './replay-cancels.ts'

test.each([
  [
    `# antemortem:on standby
max_standby_streaming_delay = 0
`,
    { file: 'postgresql.conf' },
    ['warning standby:max_standby_streaming_delay @ standby'],
  ],
])('%j: no patience with readers is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `# antemortem:on standby
max_standby_streaming_delay = 30s
max_standby_archive_delay = -1
`,
    { file: 'postgresql.conf' },
    [],
  ],
])('%j: some seconds, and patience without end, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
