import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './rules-unreadable.ts'

test.each([
  [
    `host all all 10.0.0.0/8 scram-sha-265
`,
    { file: 'pg_hba.conf' },
    ['error primary:pg_hba.conf @ primary'],
  ],
  [
    `hots all all 10.0.0.0/8 md5
`,
    { file: 'pg_hba.conf' },
    ['error primary:pg_hba.conf @ primary'],
  ],
  [
    `host all all 10.0.0.1 md5
`,
    { file: 'pg_hba.conf' },
    ['error primary:pg_hba.conf @ primary'],
  ],
])('%j: a line that the server refuses is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `# all
local all "my role" peer map=x
host all all 10.0.0.0 255.0.0.0 scram-sha-256
hostssl replication all all cert clientname=DN
`,
    { file: 'pg_hba.conf' },
    [],
  ],
])('%j: masks, quotes, options and comments are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
