import { expect, test } from 'vitest'
import { readFiles } from './read-files.ts'

const head = `SELECT pg_catalog.set_config('search_path', '', false);\n`
const users = (...columns: readonly string[]): string =>
  `CREATE TABLE public.users (\n${columns.map((line) => `    ${line}`).join(',\n')}\n);\n`
const old = users('id bigint NOT NULL', 'name character varying(20)', `"E" text DEFAULT 'a'::text`)

const read = async (before: string, text: string) => {
  const { statements } = await readFiles([{ name: 'db/structure.sql', text: head + text, before: head + before }], null)
  return statements.map(({ line, sql, isNew }) => `${isNew ? '' : 'old '}${line}: ${sql}`)
}

test.each([
  [
    'a new column',
    users('id bigint NOT NULL', 'name character varying(20)', `"E" text DEFAULT 'a'::text`, 'phone text'),
    ['6: alter table "public"."users" add column phone text'],
  ],
  [
    'a column that is gone',
    users('id bigint NOT NULL', `"E" text DEFAULT 'a'::text`),
    ['2: alter table "public"."users" drop column name'],
  ],
  [
    'another type',
    users('id bigint NOT NULL', 'name text', `"E" text DEFAULT 'a'::text`),
    ['4: alter table "public"."users" alter column name type text'],
  ],
  [
    'not null',
    users('id bigint NOT NULL', 'name character varying(20)', `"E" text DEFAULT 'a'::text NOT NULL`),
    ['5: alter table "public"."users" alter column "E" set not null'],
  ],
  ['no table', '', ['1: drop table "public"."users"']],
  [
    'a table beside it',
    `${old}CREATE TABLE public.b (\n    id int\n);\n`,
    ['7: CREATE TABLE public.b (\n    id int\n)'],
  ],
  ['nothing', old, []],
])('of a dump that differs by %s, what was done is read', async (_, text, expected) => {
  expect(await read(old, text)).toEqual(expected)
})
