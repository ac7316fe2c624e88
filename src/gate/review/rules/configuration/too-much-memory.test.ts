import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './too-much-memory.ts'

test.each([
  [
    `shared_buffers = 400GB
`,
    { file: 'postgresql.conf', cluster: { primary: { settings: { shared_buffers: '16384' } } } },
    ['error primary:shared_buffers @ primary'],
  ],
  [
    `shared_buffers = 400GB
`,
    { file: 'postgresql.conf' },
    ['warning primary:shared_buffers @ primary'],
  ],
])('%j: memory far beyond what there was is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `shared_buffers = 4GB
`,
    { file: 'postgresql.conf', cluster: { primary: { settings: { shared_buffers: '16384' } } } },
    [],
  ],
  [
    `shared_buffers = 16GB
`,
    { file: 'postgresql.conf' },
    [],
  ],
])('%j: a few gigabytes are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
