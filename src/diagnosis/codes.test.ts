import { expect, test } from 'vitest'
import { isForeignCode, mayComeFromRows } from './codes.ts'

test.each(['42P01', '57014', '53300', 'XX001', 'P0002', 'ECONNREFUSED', 'EAI_AGAIN', 'EPIPE', 'CLIENT_TIMEOUT'])(
  '%s is the database’s or the network’s word',
  (code) => {
    expect(isForeignCode(code)).toBe(true)
  },
)

test.each(['LOGIN', 'ERROR', 'EAUTH', 'EXPIRED', 'EMAIL', 'APP_BAD_HASH', 'BadHash', '404', 'no such user'])(
  '%s is the application’s own',
  (code) => {
    expect(isForeignCode(code)).toBe(false)
  },
)

test('rows that are missing or old give codes of data and the application’s own, never those of a connection or a name', () => {
  const data = ['APP_NO_SUCH_USER', 'LOGIN', 'P0002', '02000', '23503', 'USR01']
  expect(data.filter(mayComeFromRows)).toEqual(data)
  const other = ['42P01', '28P01', '53300', '57014', '40001', '25006', 'ECONNRESET', 'CLIENT_TIMEOUT']
  expect(other.filter(mayComeFromRows)).toEqual([])
})
