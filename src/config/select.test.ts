import fc from 'fast-check'
import { expect, test } from 'vitest'
import { notOneSelect, withoutEnd } from './select.ts'

test.each([
  'select 1',
  ' SELECT count(*) from users ; -- all of them\n',
  "select ';' || E'\\';' || $a$;$b$$a$ || $$;$$ from \"a;b\" /* ; */",
  'with x as (select 1) select * from x',
  '-- who\nselect 1',
])('%j is one select', (sql) => {
  expect(notOneSelect(sql)).toBeNull()
  expect(withoutEnd(sql)).not.toMatch(/;\s*(?:--.*\s*)?$/)
})

test.each([
  ['', 'is empty'],
  [' -- nothing\n', 'is empty'],
  [';', 'is no select'],
  ['delete from users', 'is no select'],
  ['table users', 'is no select'],
  ['(select 1)', 'is no select'],
  ['select 1; drop table users', 'a second statement'],
  ["select 'a; b", 'not closed'],
  ['select "a', 'not closed'],
])('%j is refused', (sql, words) => expect(notOneSelect(sql)).toContain(words))

test('any text is answered, and in time', () => {
  fc.assert(fc.property(fc.string(), (sql) => void [notOneSelect(sql), withoutEnd(sql)]))
  const startedAt = performance.now()
  for (const sql of ["select '".repeat(20_000), `select ${'/*'.repeat(20_000)}`, '$a$ '.repeat(5_000)])
    notOneSelect(sql)
  expect(performance.now() - startedAt).toBeLessThan(2_000)
})
