import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './archive-fails.ts'

test.each([
  [
    `archive_command = 'false'
`,
    { file: 'postgresql.conf' },
    ['error primary:archive_command @ primary'],
  ],
  [
    `archive_command = '/bin/false'
`,
    { file: 'postgresql.conf' },
    ['error primary:archive_command @ primary'],
  ],
])('%j: a command that always fails is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `archive_command = 'pgbackrest --stanza=auth archive-push %p'
`,
    { file: 'postgresql.conf' },
    [],
  ],
])('%j: a real one is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
