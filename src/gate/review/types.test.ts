import { expect, test } from 'vitest'
import { holds, needsNoRewrite } from './types.ts'

test.each([
  ['integer', 'bigint', true],
  ['bigint', 'integer', false],
  ['character varying(10)', 'text', true],
  ['text', 'character varying(10)', false],
  ['character varying(100)', 'character varying(50)', false],
  ['numeric(10,2)', 'numeric(12,2)', true],
  ['numeric(10,2)', 'numeric(12,4)', true],
  ['numeric(12,4)', 'numeric(10,2)', false],
  ['numeric(10,2)', 'numeric', true],
  ['numeric', 'numeric(10,2)', false],
  ['integer', 'numeric', true],
  ['uuid', 'text', true],
  ['date', 'uuid', false],
])('does %s fit into %s: %s', (from, to, expected) => {
  expect(holds(from, to)).toBe(expected)
})

test.each([
  ['character varying(100)', 'text', true],
  ['character varying(100)', 'character varying(200)', true],
  ['character varying(100)', 'character varying(50)', false],
  ['numeric(10,2)', 'numeric(14,2)', true],
  ['numeric(10,2)', 'numeric(12,4)', false],
  ['integer', 'bigint', false],
])('%s becomes %s without a rewrite: %s', (from, to, expected) => {
  expect(needsNoRewrite(from, to)).toBe(expected)
})
