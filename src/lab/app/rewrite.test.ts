import { expect, test } from 'vitest'
import { rewritten } from './rewrite.ts'

const env = {
  DB_HOST: '127.0.0.1',
  DB_PORT: '5432',
  READ_MAIN_URL: 'postgresql://app:secret@127.0.0.1:5432/auth',
  READ_COPY_URL: 'postgresql://app:secret@127.0.0.1:5433/auth',
}
const ports = { closed: 9, of: (node: string) => (node === 'copy' ? 5433 : 5432) }

test('a closed port is written for the writes and into every read route', () => {
  expect(rewritten(env, { main: { port: 'closed' }, reads: { port: 'closed' } }, ports)).toEqual({
    DB_PORT: '9',
    READ_MAIN_URL: 'postgresql://app:secret@127.0.0.1:9/auth',
    READ_COPY_URL: 'postgresql://app:secret@127.0.0.1:9/auth',
  })
})

test("another node's port is the one by which the application reaches it", () => {
  expect(rewritten(env, { main: { port: { of: 'copy' } } }, ports)).toEqual({ DB_PORT: '5433' })
})

test('database, password and TLS are parts of a read route', () => {
  const reads = { database: 'app prod', password: 'a/b', sslMode: 'require' }
  expect(rewritten(env, { reads }, ports)['READ_COPY_URL']).toBe(
    'postgresql://app:a%2Fb@127.0.0.1:5433/app%20prod?sslmode=require',
  )
})

test('keys are written as they are given, and taken out', () => {
  expect(rewritten(env, { set: { DB_POOL_MAX: '200', DB_PORT: null } }, ports)).toEqual({
    DB_POOL_MAX: '200',
    DB_PORT: null,
  })
})
