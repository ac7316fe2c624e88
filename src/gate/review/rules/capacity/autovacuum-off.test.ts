import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './autovacuum-off.ts'

test.each([['alter table users set (autovacuum_enabled = false)', {}, ['warning primary:public.users @ primary']]])(
  '%j: a table that is not vacuumed is told',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)

test.each([
  ['alter table users set (autovacuum_vacuum_scale_factor = 0.01)', {}, []],
  ['alter table users set (autovacuum_enabled = on)', {}, []],
])('%j: other storage parameters are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
