import { expect, test } from 'vitest'
import { readFiles } from './read/read-files.ts'
import { squawkFindings } from './squawk.ts'

const said = JSON.stringify([
  {
    file: 'm.sql',
    line: 1,
    rule_name: 'adding-required-field',
    message: 'New column\n is required',
    help: 'Make it nullable',
    level: 'Error',
  },
  { file: 'm.sql', line: 1, rule_name: 'prefer-robust-stmts', message: 'x', help: null, level: 'Warning' },
  { file: 'm.sql', line: 0, rule_name: 'ban-drop-column', message: 'old', level: 'Warning' },
])

test('what Squawk says is marked as its own, for statements that are new, and a warning at most', async () => {
  const before = 'alter table a drop column b;\n'
  const read = await readFiles(
    [{ name: 'm.sql', text: `${before}alter table a add column c int not null;`, before }],
    null,
  )
  expect(squawkFindings(said, read).map(({ rule, severity, line, basis }) => [rule, severity, line, basis])).toEqual([
    ['squawk/adding-required-field', 'warning', 2, 'squawk'],
    ['squawk/prefer-robust-stmts', 'info', 2, 'squawk'],
  ])
})

test('no answer is no finding', () => {
  expect(squawkFindings('', { statements: [] })).toEqual([])
})
