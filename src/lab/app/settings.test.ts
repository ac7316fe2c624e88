import { expect, test } from 'vitest'
import { failureCode } from './failure-code.ts'
import { parseEnv, printEnv, readKey } from './settings.ts'

test('a settings file is read as it was written', () => {
  const env = { DB_HOST: '127.0.0.1', READ_REPORTS_URL: 'postgresql://app:a=b@h:1/d?x=y#z' }
  expect(parseEnv(printEnv(env))).toEqual(env)
  expect(parseEnv('# note\n\nexport A="b c"\nB = \'d\'\nnot a line')).toEqual({ A: 'b c', B: 'd' })
})

test("a node's key has only capitals, digits and underscores", () => {
  expect(readKey('db-2.eu')).toBe('READ_DB_2_EU_URL')
})

test('every failure has one word', () => {
  expect(failureCode(Object.assign(new Error('x'), { code: '42P01' }))).toBe('42P01')
  expect(failureCode(new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]))).toBe(
    'ECONNREFUSED',
  )
  expect(failureCode(new Error('timeout expired'))).toBe('CLIENT_TIMEOUT')
  expect(failureCode(new Error('Connection terminated due to connection timeout'))).toBe('CLIENT_TIMEOUT')
  expect(failureCode(new Error('Query read timeout'))).toBe('CLIENT_TIMEOUT')
  expect(failureCode(new Error('Connection terminated unexpectedly'))).toBe('ECONNRESET')
  expect(failureCode(new Error('timeout exceeded when trying to connect'))).toBe('CLIENT_TIMEOUT')
  expect(failureCode(new Error('The server does not support SSL connections'))).toBe('CLIENT_OTHER')
  expect(failureCode('odd')).toBe('CLIENT_OTHER')
})
