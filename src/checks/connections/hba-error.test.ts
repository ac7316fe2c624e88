import { expect, test } from 'vitest'
import { findingsOf, snapshot } from '../../../test/builders.ts'
import check from './hba-error.ts'

const rule = (line: number, error: string | null = null) => ({
  line,
  file: null,
  type: error === null ? 'host' : null,
  databases: ['all'],
  roles: ['all'],
  address: '127.0.0.1',
  method: 'scram-sha-256',
  error,
})
const rules = (...each: readonly ReturnType<typeof rule>[]) =>
  snapshot({ primary: { accessRules: { rules: each, digest: 'x' } } })

test('a typo is found while all sessions still work and the reload looked well', () => {
  expect(
    findingsOf(check, rules(rule(1), rule(9, 'invalid authentication method "scram-sha-255"'), rule(12, 'x'))),
  ).toMatchObject([
    {
      subject: 'primary:pg_hba.conf',
      severity: 'error',
      message: expect.stringContaining('pg_hba.conf line 9'),
      evidence: { line_number: 9, lines: '9, 12' },
    },
  ])
})

test('rules without an error are no finding', () => {
  expect(findingsOf(check, rules(rule(1), rule(2)))).toEqual([])
})
