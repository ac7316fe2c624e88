import { expect, test } from 'vitest'
import { node, t0 } from '../../test/builders.ts'
import type { FunctionFact, SequenceFact, TriggerFact } from '../core/facts/postgres/objects.ts'
import type { PostgresFacts } from '../core/facts/postgres/index.ts'
import { diff } from './diff.ts'
import { fingerprintOf } from './fingerprint.ts'

const told = (before: Partial<PostgresFacts>, after: Partial<PostgresFacts>) =>
  diff(
    fingerprintOf(node('primary', 'primary', before, t0)),
    fingerprintOf(node('primary', 'primary', after, t0 + 1000)),
  ).map(({ kind, object, before: was, after: is }) => [kind, object, was, is])

const norm: FunctionFact = {
  schema: 'public',
  name: 'norm',
  arguments: 'name text',
  volatility: 'immutable',
  digest: 'aaaaaaaa1111',
  indexes: ['public.users_norm_key'],
}
const audit: TriggerFact = { schema: 'public', table: 'users', name: 'audit', enabled: 'O', digest: 'aaaaaaaa1111' }

test('a function that was replaced names the indexes that keep what the old one said', () => {
  expect(told({ functions: [norm] }, { functions: [{ ...norm, digest: 'bbbbbbbb2222' }] })).toEqual([
    [
      'schema',
      'primary:public.norm()',
      '(name text) immutable, definition aaaaaaaa, used by index public.users_norm_key',
      '(name text) immutable, definition bbbbbbbb, used by index public.users_norm_key',
    ],
  ])
  expect(told({ functions: [norm] }, { functions: [{ ...norm, indexes: [] }] })).toEqual([])
  expect(told({ functions: [] }, { functions: [norm] })).toMatchObject([
    ['schema', 'primary:public.norm()', null, expect.any(String)],
  ])
})

test('functions of one name are told apart by what they take', () => {
  const other = { ...norm, arguments: 'name text, how integer' }
  expect(told({ functions: [norm, other] }, { functions: [norm] })).toMatchObject([
    ['schema', 'primary:public.norm()', expect.stringContaining('how integer'), null],
  ])
})

test('a trigger that came, went, was switched off, and one that does something else', () => {
  const object = 'primary:public.users'
  const switched = { triggers: [{ ...audit, enabled: 'D' as const }] }
  expect(told({ triggers: [audit] }, switched)).toEqual([
    ['schema', object, 'trigger audit enabled', 'trigger audit disabled'],
  ])
  expect(told({ triggers: [] }, { triggers: [audit] })).toEqual([
    ['schema', object, 'no trigger audit', 'trigger audit enabled'],
  ])
  expect(told({ triggers: [audit] }, { triggers: [] })).toMatchObject([
    ['schema', object, expect.any(String), 'no trigger audit'],
  ])
  expect(told({ triggers: [audit] }, { triggers: [{ ...audit, digest: 'bbbbbbbb2222' }] })).toEqual([
    ['schema', object, 'trigger audit enabled, definition aaaaaaaa', 'trigger audit enabled, definition bbbbbbbb'],
  ])
})

test('an extension is software', () => {
  const at = (version: string) => ({ extensions: [{ name: 'citext', version }] })
  expect(told(at('1.5'), at('1.6'))).toEqual([['software', 'primary:extension citext', 'version 1.5', 'version 1.6']])
  expect(told({ extensions: [] }, at('1.6'))).toEqual([['software', 'primary:extension citext', null, 'version 1.6']])
})

test('a sequence that moves on is no change', () => {
  const sequence = (lastValue: string): SequenceFact => ({
    schema: 'public',
    name: 'orders_id_seq',
    lastValue,
    increment: 1,
    maxValue: '2147483647',
    column: null,
  })
  expect(told({ sequences: [sequence('1')] }, { sequences: [sequence('99')] })).toEqual([])
})
