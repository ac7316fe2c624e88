import { expect, test } from 'vitest'
import { withSettings } from './with-settings.ts'

const one = (text: string, line = 'work_mem = 8MB') => withSettings(text, [{ name: 'work_mem', line }])

test.each([
  ['the line that counts is written anew', 'a = 1\nWork_Mem = 4MB # x\nb = 2\n', 'a = 1\nwork_mem = 8MB\nb = 2\n'],
  ['of several lines the last one counts', 'work_mem 1MB\nwork_mem=2MB\n', 'work_mem 1MB\nwork_mem = 8MB\n'],
  ['a comment is no setting', '#work_mem = 4MB\n', '#work_mem = 4MB\nwork_mem = 8MB\n'],
  ['what begins alike is another one', 'work_memory = 1\n', 'work_memory = 1\nwork_mem = 8MB\n'],
  [
    'behind an included file',
    "work_mem = 1MB\ninclude_dir 'conf.d'\n",
    "work_mem = 1MB\ninclude_dir 'conf.d'\nwork_mem = 8MB\n",
  ],
  ['a last line without an end gets one', 'a = 1', 'a = 1\nwork_mem = 8MB\n'],
  ['an empty file', '', 'work_mem = 8MB\n'],
])('%s', (_, before, after) => {
  expect(one(before)).toBe(after)
})

test('a second word on the same setting is the last one', () => {
  const lines = [
    { name: 'a', line: 'a = 1' },
    { name: 'a', line: 'a = 2' },
  ]
  expect(withSettings('b = 1\n', lines)).toBe('b = 1\na = 2\n')
})
