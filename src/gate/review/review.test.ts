import { expect, test } from 'vitest'
import { review } from './review.ts'

const reviewed = async (text: string, name = 'm.sql', before: string | null = null) =>
  review({
    files: [{ name, text, before }],
    cluster: null,
    logins: [],
    failOn: 'error',
    today: '2026-01-01',
    signal: AbortSignal.timeout(20_000),
  })

test('a publication that is dropped blocks, with its place', async () => {
  expect(await reviewed('select 1;\n\ndrop publication pub;')).toMatchObject({
    verdict: 'block',
    basis: 'text',
    statements: 2,
    findings: [
      { rule: 'replication/publication-narrowed', file: 'm.sql', line: 3, nodes: ['subscriber'], basis: 'text' },
    ],
  })
})

test('a comment lets a finding pass until its day, and an ended one is said', async () => {
  const drop = (day: string): string =>
    `-- antemortem-ignore replication/publication-narrowed: nobody reads it until ${day}\ndrop publication pub;`
  expect(await reviewed(drop('2026-06-30'))).toMatchObject({ verdict: 'pass', findings: [] })
  const ended = await reviewed(drop('2025-06-30'))
  expect(ended.verdict).toBe('block')
  expect(ended.notes[0]).toContain('ended on 2025-06-30')
})

test('a comment in a file of settings is one, too', async () => {
  const text = '# antemortem-ignore configuration/durability-off: a lab until 2027-01-01\nfsync = off\n'
  expect((await reviewed(text, 'postgresql.conf')).findings).toEqual([])
})

test('a rule that is unknown is refused with its line, one of the rehearsal is known', async () => {
  await expect(reviewed('-- antemortem-ignore no/such: x until 2027-01-01\nselect 1')).rejects.toMatchObject({
    exit: 2,
    message: expect.stringContaining('m.sql:1: there is no gate rule "no/such"'),
  })
  await reviewed('-- antemortem-ignore replication/apply-stops: x until 2027-01-01\nselect 1')
})

test('only statements and lines that are new are judged, and the old ones are known', async () => {
  const before = 'drop publication old;\ncreate table a (id int);\n'
  const report = await reviewed(`${before}create index on a (id);\ndrop publication pub;\n`, 'm.sql', before)
  expect(report.statements).toBe(2)
  expect(report.findings.map(({ line }) => line)).toEqual([4])
  expect((await reviewed('fsync = off\nport = 6543\n', 'postgresql.conf', 'fsync = off\n')).findings).toHaveLength(1)
})

test('what would go back is no part of a change, and what pg_dump frames is', async () => {
  const goose =
    '-- +goose Up\ncreate table a (id int primary key);\n-- +goose Down\ndrop table a; drop publication pub;\n'
  expect(await reviewed(goose)).toMatchObject({ findings: [], statements: 1 })
  const dump = "\\restrict abc\nset search_path = '';\ncreate table public.a (id int primary key);\n\\unrestrict abc\n"
  expect(await reviewed(dump, 'structure.sql')).toMatchObject({ findings: [], statements: 2 })
})

test('a thousand statements take no two seconds', async () => {
  const text = Array.from({ length: 250 }, (_, n) =>
    [
      `create table t${n} (id bigint primary key, name text)`,
      `create index on t${n} (name)`,
      `alter table t${n} add column at timestamptz default now()`,
      `insert into t${n} values (1, 'x')`,
    ].join(';\n'),
  ).join(';\n')
  const startedMs = performance.now()
  expect((await reviewed(text)).statements).toBe(1000)
  expect(performance.now() - startedMs).toBeLessThan(8000)
})
