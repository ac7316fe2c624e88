import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { commands } from '../registry.ts'
import { run } from '../run.ts'
import { fakeIo } from '../testing/fake-io.ts'

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
  expect(JSON.parse(out)).toMatchObject({
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

const sarif = z.object({
  version: z.literal('2.1.0'),
  runs: z.tuple([
    z.object({
      tool: z.object({ driver: z.object({ rules: z.array(z.object({ id: z.string() })) }) }),
      results: z.array(
        z.object({
          ruleId: z.string(),
          ruleIndex: z.number(),
          level: z.enum(['note', 'warning', 'error']),
          message: z.object({ text: z.string().min(1) }),
          locations: z.tuple([
            z.object({
              physicalLocation: z.object({
                artifactLocation: z.object({ uri: z.string() }),
                region: z.object({ startLine: z.number().min(1) }),
              }),
            }),
          ]),
        }),
      ),
    }),
  ]),
})

test('SARIF has each finding on its line, and every rule that it names', async () => {
  write('a b.sql', 'select 1;\ndrop publication pub;\n')
  const log = sarif.parse(JSON.parse((await cli('a b.sql', '--format', 'sarif')).out))
  const [{ tool, results }] = log.runs
  expect(
    results.map(({ ruleIndex, ruleId, level, locations }) => [
      tool.driver.rules[ruleIndex]?.id === ruleId,
      level,
      locations[0].physicalLocation,
    ]),
  ).toEqual([[true, 'error', { artifactLocation: { uri: 'a%20b.sql' }, region: { startLine: 2 } }]])
})

test.each([
  ['nothing named', [], 'no file'],
  ['a file that is not there', ['x.sql'], 'there is no such file'],
  ['an empty one', ['empty.sql'], 'nothing in it to review'],
  ['a syntax error', ['wrong.sql'], 'wrong.sql:2: syntax error'],
  ['a command of psql', ['psql.sql'], 'psql.sql:1: \\connect is a command of psql'],
  ['bytes that are no text', ['latin.sql'], 'is not UTF-8'],
  ['a hundred megabytes', ['large.sql'], 'larger than any change'],
  ['a folder without a repository', ['--since', 'main'], '--since: git merge-base'],
])('%s is exit 2, in words', async (_, argv, words) => {
  write('empty.sql', ' \n')
  write('wrong.sql', 'select 1;\nselct 2;\n')
  write('psql.sql', '\\connect other\nselect 1;\n')
  write('latin.sql', Buffer.from([0xe9, 0x0a]))
  if (argv[0] === 'large.sql') write('large.sql', Buffer.alloc(100 * 1024 * 1024, 0x20))
  const { code, err } = await cli(...argv)
  expect([code, err]).toEqual([2, expect.stringContaining(words)])
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
