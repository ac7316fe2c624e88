import { expect, test } from 'vitest'
import { createdTable } from './relations.ts'
import { readChange } from './read-change.ts'
import { namesIn } from './relations.ts'

const read = async (text: string) => readChange({ name: 'm.sql', text })

test('statements are split by the parser, with the line on which each begins', async () => {
  const statements = await read(`-- é
create table a (t text default ';');

/* b; */ create function f() returns void language plpgsql as $$
begin; -- antemortem:on nowhere
end $$;
select 1`)
  expect(statements.map(({ line, kind, on }) => [line, kind, on])).toEqual([
    [2, 'CreateStmt', null],
    [4, 'CreateFunctionStmt', null],
    [7, 'SelectStmt', null],
  ])
  expect(statements[0]?.sql).toBe(`create table a (t text default ';')`)
})

test('a section holds until the next one', async () => {
  const statements = await read(`select 1;
-- antemortem:on reports, all
select 2; select 3;
--antemortem:on primary
select 4;`)
  expect(statements.map(({ on }) => on)).toEqual([null, ['reports', 'all'], ['reports', 'all'], ['primary']])
})

test('an ignore is for the statement behind it only', async () => {
  const statements = await read(`select 1;
-- antemortem-ignore replication/table-not-carried: audit stays local until 2027-01-31
select 2;
select 3;`)
  expect(statements.map(({ ignores }) => ignores.map(({ rule, reason, until }) => [rule, reason, until]))).toEqual([
    [],
    [['replication/table-not-carried', 'audit stays local', '2027-01-31']],
    [],
  ])
})

test.each([
  ['select 1;\n\\c other', 'm.sql:2: \\c is a command of psql, not SQL'],
  ['select 1;\n\ncreate tabel x ();', 'm.sql:3: syntax error at or near "tabel"'],
  ['select 1;\n-- antemortem-ignore x/y: because\nselect 1', 'm.sql:2: cannot read'],
  ['-- antemortem-ignore x/y: because until 2026-02-31\nselect 1', 'm.sql:1: cannot read'],
  ['copy a from stdin;', 'm.sql:1: COPY … FROM STDIN'],
])('%j is refused where it stands', async (text, message) => {
  await expect(read(text)).rejects.toMatchObject({ exit: 2, message: expect.stringContaining(message) })
})

test('a sum of thousands of terms is read, and one that no stack holds is refused in words', async () => {
  const sum = (terms: number): string => `select ${Array.from({ length: terms }, () => '1').join('+')}`
  const [statement] = await read(sum(2000))
  expect(namesIn(statement?.tree ?? {}).relations).toEqual([])
  await expect(read(sum(40_000))).rejects.toMatchObject({ code: 'change-too-deep', exit: 2 })
})

test('a placeholder of a template is told as one', async () => {
  await expect(read('select 1;\ncreate schema ${name};')).rejects.toMatchObject({
    message: expect.stringContaining('m.sql:2'),
    hint: expect.stringContaining('placeholder'),
  })
})

test('Flyway’s name for the schema is its usual one, and any other placeholder is told', async () => {
  const text = 'create table ${flyway:defaultSchema}.a (id int);\nselect 1 from "${flyway:defaultSchema}".a;'
  const [first, second] = await readChange({ name: 'V1__a.sql', text })
  expect(createdTable(first?.tree ?? {})).toEqual({ schema: 'public', name: 'a' })
  expect(second?.line).toBe(2)
  await expect(readChange({ name: 'V1__a.sql', text: 'create table ${shop}.a (id int)' })).rejects.toMatchObject({
    hint: expect.stringContaining('a placeholder of a template'),
  })
})
