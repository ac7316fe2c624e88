import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tablesNamed } from './tables-named.ts'

describe('tablesNamed', () => {
  test.each([
    ['select id from users where id in (1, 500)', ['users']],
    ['select * from public.Users u join auth."Log In" l on l.id = u.id', ['public.users', 'auth.Log In']],
    ["select * from a, b as x, c where x = 'from d' -- from e", ['a', 'b', 'c']],
    ['with q as (select * from real_one) select * from q', ['real_one']],
    ['select * from generate_series(1, 3) n left join t on true', ['t']],
    ['select count(*) from only users', ['users']],
    ['select 1', []],
  ])('%s: %j', (sql, tables) => {
    expect(tablesNamed(sql)).toEqual(tables)
  })

  test('reads any text, in time', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(tablesNamed(text))))
    const started = performance.now()
    tablesNamed(`from ${'a,'.repeat(20_000)}`)
    tablesNamed('from '.repeat(20_000))
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})
