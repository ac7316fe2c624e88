import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './standby-promoted.ts'

test.each([
  [
    `-- antemortem:on standby
select pg_promote()`,
    { cluster: {} },
    ['critical standby:pg_promote @ standby'],
  ],
])('%j: a promotion in a migration is critical', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([['create function go() returns bool language sql as $$ select pg_promote() $$', {}, []]])(
  '%j: a function that would promote when it is called promotes nobody now',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)
