import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { githubLog, sarifFaults } from '../../../test/schemas/sarif.ts'
import { shapes } from '../../shapes/shapes.ts'
import { commands } from '../registry.ts'
import { run } from '../run.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { reviewSarif } from './review-sarif.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'review-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const write = (name: string, text: string | Uint8Array): void => writeFileSync(join(dir, name), text)

async function cli(
  ...argv: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const io = fakeIo({ cwd: dir, env: {} })
  const code = await run(['gate', 'review', ...argv], commands, io)
  return { code, ...io.printed }
}

test('without a configuration the text alone is reviewed; a block is exit 1, a warning and a pass are 0', async () => {
  write('1.sql', 'alter publication pub drop table users;\n')
  write('2.sql', 'delete from users;\n')
  write('3.sql', 'create table a (id int primary key);\n')
  const block = await cli('1.sql')
  expect(block.code).toBe(1)
  expect(block.out).toContain('BLOCK 1.sql: 1 finding, reviewed by its text alone (1 statement)')
  expect(block.out).toContain('error 1.sql:1 primary:publication pub:public.users on subscriber')
  expect((await cli('2.sql')).code).toBe(0)
  expect((await cli('2.sql', '--fail-on', 'warning')).code).toBe(1)
  expect((await cli('3.sql')).out).toContain('PASS 3.sql: nothing speaks against it')
})

test('JSON says where each finding is and by what it is known', async () => {
  write('1.sql', '\ndrop publication pub;\n')
  const { code, out } = await cli('1.sql', '--format', 'json')
  expect(code).toBe(1)
  const report: unknown = JSON.parse(out)
  expect(shapes.ReviewReport.strict().parse(report)).toEqual(report)
  expect(report).toMatchObject({
    change: '1.sql',
    verdict: 'block',
    basis: 'text',
    statements: 1,
    not_seen: [],
    findings: [
      {
        rule: 'replication/publication-narrowed',
        consequence: 'replication/publication-incomplete',
        object: 'primary:publication pub',
        nodes: ['subscriber'],
        severity: 'error',
        file: '1.sql',
        line: 2,
        basis: 'text',
      },
    ],
  })
})

test.each([
  ['a finding of each severity', { 'a.sql': 'drop publication pub;\ndelete from users;\n' }, ['a.sql'], ['a.sql'], 2],
  ['a name with a blank', { 'a b.sql': 'select 1;\ndrop publication pub;\n' }, ['a b.sql'], ['a%20b.sql'], 1],
  [
    'files of other kinds',
    { 'postgresql.conf': 'fsync = off\n', 'pg_hba.conf': 'host all all\n' },
    ['.'],
    ['postgresql.conf', 'pg_hba.conf'],
    3,
  ],
  ['nothing', { 'a.sql': 'select 1;\n' }, ['a.sql'], [], 0],
  ['the same twice', { 'a.sql': 'delete from users;\n'.repeat(2) }, ['a.sql'], ['a.sql'], 2],
])('SARIF of %s is what the standard and GitHub take', async (_, files, argv, uris, count) => {
  for (const [name, text] of Object.entries(files)) write(name, text)
  const log: unknown = JSON.parse((await cli(...argv, '--format', 'sarif')).out)
  expect(sarifFaults(log)).toEqual([])
  const [run] = githubLog.parse(log).runs
  expect([...new Set(run?.results.map(({ locations }) => locations[0].physicalLocation.artifactLocation.uri))]).toEqual(
    uris,
  )
  expect(run?.results).toHaveLength(count)
  expect(run?.results.every(({ ruleId, ruleIndex }) => run.tool.driver.rules[ruleIndex]?.id === ruleId)).toBe(true)
  // The host goes by these: no two findings are one.
  expect(new Set(run?.results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))).size).toBe(count)
})

test('SARIF has no more results than a host shows, and says how many are left out', () => {
  const finding = {
    rule: 'data/loses-data',
    consequence: 'integrity/data-deleted',
    object: 'primary:public.users',
    nodes: ['primary'],
    severity: 'warning',
    message: 'it loses rows',
    remedy: 'Do not.',
    file: 'a.sql',
    line: 1,
    basis: 'text',
  } as const
  const findings = Array.from({ length: 5001 }, () => finding)
  const log = reviewSarif({ verdict: 'warn', findings, notes: [], blind: [], statements: 1, basis: 'text' }, dir)
  expect(log.runs[0]?.results).toHaveLength(5000)
  expect(log.runs[0]?.invocations[0]?.toolExecutionNotifications[0]?.message.text).toContain('1 more')
})

test('the standard refuses what is none: the test above looks', () => {
  expect(sarifFaults({ version: '2.1.0', runs: [{ results: [] }] })).not.toEqual([])
})

test('SARIF names files from the top of the repository, and brings the page of a rule that was met', async () => {
  mkdirSync(join(dir, '.git'))
  mkdirSync(join(dir, 'db'))
  write('db/1.sql', 'select 1;\ndrop publication pub;\n')
  const io = fakeIo({ cwd: join(dir, 'db'), env: {} })
  await run(['gate', 'review', join(dir, 'db/1.sql'), '--format', 'sarif'], commands, io)
  const [first] = githubLog.parse(JSON.parse(io.printed.out)).runs
  const [result] = first?.results ?? []
  expect(result?.locations[0].physicalLocation).toEqual({
    artifactLocation: { uri: 'db/1.sql' },
    region: { startLine: 2 },
  })
  expect(first?.tool.driver.rules[result?.ruleIndex ?? 0]?.help.text).toContain('## What to do')
})

test.each([
  ['nothing named', [], 'no file'],
  ['a file that is not there', ['x.sql'], 'there is no such file'],
  ['an empty one', ['empty.sql'], 'nothing in it to review'],
  ['a syntax error', ['wrong.sql'], 'wrong.sql:2: syntax error'],
  ['a command of psql', ['psql.sql'], 'psql.sql:1: \\connect is a command of psql'],
  ['bytes that are no text', ['latin.sql'], 'is not UTF-8'],
  ['a hundred megabytes', ['large.sql'], 'larger than any change'],
  ['five files of four megabytes', ['big'], 'with the files before it larger than any change'],
  ['a file that psql would read', ['i.sql'], 'Name the file that it reads, at its place'],
  ['migrations that are programs', ['programs'], 'put the gate around their command'],
  ['a folder that is not there', ['--since', 'main', 'nosuch'], 'nosuch: there is no such file'],
  ['a folder without a repository', ['--since', 'main'], '--since: git merge-base'],
])('%s is exit 2, in words', async (_, argv, words) => {
  write('empty.sql', ' \n')
  write('wrong.sql', 'select 1;\nselct 2;\n')
  write('psql.sql', '\\connect other\nselect 1;\n')
  write('latin.sql', Buffer.from([0xe9, 0x0a]))
  write('i.sql', 'select 1;\n\\i other.sql\n')
  for (const folder of ['big', 'programs']) mkdirSync(join(dir, folder))
  write('programs/1.js', 'exports.up = () => {}\n')
  const four = Buffer.alloc(4 * 1024 * 1024, 0x20)
  if (argv[0] === 'big') for (const n of [1, 2, 3, 4, 5]) write(`big/${n}.sql`, four)
  write('large.sql', ' ')
  truncateSync(join(dir, 'large.sql'), 100 * 1024 * 1024)
  const { code, err } = await cli(...argv)
  expect([code, err]).toEqual([2, expect.stringContaining(words)])
})

test('--since: settings of applications are a part of what a branch changed; examples of them, and what ERB decides, stop nobody', async () => {
  const git = (...args: readonly string[]): void => {
    const who = ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'commit.gpgsign=false']
    execFileSync('git', [...who, ...args], { cwd: dir, stdio: 'ignore' })
  }
  git('init', '-b', 'main')
  write('pgbouncer.ini', '[pgbouncer]\npool_mode = transaction\nmax_prepared_statements = 100\n')
  write('.env.example', 'DATABASE_URL=postgres://app@localhost/shop\n')
  write('database.yml', 'production:\n  database: shop\n')
  git('add', '-A')
  git('commit', '-m', 'a')
  write('.env.example', 'DATABASE_URL=<your url>\n\0')
  write('database.yml', '<% if ENV["X"] %>\nproduction:\n  database: shop\n<% end %>\n')
  const calm = await cli('--since', 'main')
  expect(calm.code).toBe(0)
  expect(calm.out.replaceAll(/\s+/g, ' ')).toContain('not seen: database.yml:1: ERB decides here')
  expect(calm.out).not.toContain('.env.example')
  write('pgbouncer.ini', '[pgbouncer]\npool_mode = transaction\n')
  const told = await cli('--since', 'main', '--fail-on', 'warning')
  expect([told.code, told.out]).toEqual([1, expect.stringContaining('warning pgbouncer.ini:2')])
})

test('a cluster that cannot be reached is said, what the text shows is printed, and the exit code is 3', async () => {
  write(
    'antemortem.yaml',
    'clusters: { auth: { engine: postgres, nodes: { primary: { url: "postgres://a@127.0.0.1:1/a" } } } }\n',
  )
  write('1.sql', 'delete from users;\n')
  const { code, out } = await cli('1.sql')
  expect(code).toBe(3)
  expect(out).toContain('data/loses-data')
  expect(out.replaceAll(/\s+/g, ' ')).toContain('the text alone was reviewed')
  expect((await cli('1.sql', '--text-only')).code).toBe(0)
})
