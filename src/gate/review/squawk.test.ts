import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readFiles } from './read/read-files.ts'
import { askSquawk, squawkFindings } from './squawk.ts'

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

test('an answer without findings is none', () => {
  expect(squawkFindings('[]', { statements: [] })).toEqual([])
})

describe('a program of that name in the path', () => {
  let dir = ''
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'squawk-'))
    vi.stubEnv('PATH', `${dir}:${process.env['PATH'] ?? ''}`)
    vi.stubEnv('GITHUB_ACTIONS', 'true')
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(dir, { recursive: true })
  })

  const asked = async (script: string) => {
    writeFileSync(join(dir, 'squawk'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    const files = [{ name: 'm.sql', text: 'drop table a;', before: null }]
    const read = await readFiles(files, null)
    return askSquawk({ ...read, topology: null, probes: [], today: '2026-01-01' }, files, AbortSignal.timeout(20_000))
  }

  test('is asked for JSON about the files, and writes nothing between', async () => {
    const answer = `[{"file":"%s","line":0,"rule_name":"ban-drop-table","message":"%s %s"}]`
    const { findings } = await asked(`printf '${answer}' "$3" "$2" "$SQUAWK_DISABLE_GITHUB_ANNOTATIONS"`)
    expect(findings).toMatchObject([{ rule: 'squawk/ban-drop-table', file: 'm.sql', message: 'Squawk: json 1' }])
  })

  test('that fails or says what is no answer ends no review', async () => {
    expect(await asked('exit 1')).toEqual({ findings: [], notes: ['squawk gave no answer'] })
    expect((await asked('echo what?')).notes[0]).toContain('squawk gave no answer')
  })
})
