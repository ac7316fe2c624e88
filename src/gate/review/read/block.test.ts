import { expect, test } from 'vitest'
import { readFiles } from './read-files.ts'

const read = async (text: string) => {
  const { statements, notRead } = await readFiles([{ name: 'm.sql', text, before: null }], null)
  return {
    inside: statements.filter(({ inBlock }) => inBlock).map(({ line, sql }) => `${line}: ${sql}`),
    notRead: notRead.map(({ line, words }) => `${line}: ${words}`),
  }
}

test('static SQL of a block is read with its line, whatever stands before it', async () => {
  const text = `select 1;
do $$
declare n int := 0;
begin
  if not exists (select from pg_publication) then
    alter table users add column phone text;
  end if;
  perform pg_drop_replication_slot('s');
  for n in select 1 loop
    delete from sessions;
  end loop;
  begin
    create type mood as enum ('a');
  exception when duplicate_object then null;
  end;
end
$$;
select 2;`
  expect(await read(text)).toEqual({
    inside: [
      '6: alter table users add column phone text',
      `8: SELECT pg_drop_replication_slot('s')`,
      '9: select 1',
      '10: delete from sessions',
      `13: create type mood as enum ('a')`,
    ],
    notRead: [],
  })
})

test('a text that is executed is read where it is a constant, and told where it is made up', async () => {
  const text = `do $$ begin
execute 'drop publication pub';
execute format('drop table %I', 'a');
execute 'drop ' || 'table b';
end $$`
  const made = 'the block makes up a statement when it runs'
  expect(await read(text)).toEqual({ inside: ['2: drop publication pub'], notRead: [`3: ${made}`, `4: ${made}`] })
})

test.each([
  [`do language plpython3u $$ print(1) $$`, '1: the block is written in plpython3u'],
  ['select 1;\ndo $$ begin selct 1; end $$', '2: the block cannot be read (syntax error at or near "selct")'],
  [`do 'begin null; nonsense'`, '1: the block cannot be read (unexpected end of function definition at end of input)'],
  ['do $$ begin copy a from stdin; end $$', '1: a statement of the block cannot be read'],
  ['call move_rows()', '1: what the procedure does'],
])('%s is told not to be read', async (text, expected) => {
  expect(await read(text)).toEqual({ inside: [], notRead: [expected] })
})

test('a block in quotes, and one that speaks of dollars, are read', async () => {
  expect((await read(`do 'begin delete from a where b = ''x''; end'`)).inside).toEqual([
    `1: delete from a where b = 'x'`,
  ])
  expect((await read(`do $a$ begin update a set b = $block$x$block$; end $a$`)).inside).toHaveLength(1)
})
