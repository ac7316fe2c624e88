import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromUrls } from './from-urls.ts'

const names = (...urls: readonly string[]): readonly string[] =>
  fromUrls(urls).clusters[0]?.nodes.map(({ name }) => name) ?? []

describe('fromUrls', () => {
  test('names nodes by host, with the port where hosts are the same', () => {
    expect(names('postgres://u:p@db1/auth', 'postgresql://u@db2:5433/auth')).toEqual(['db1', 'db2'])
    expect(names('postgres://127.0.0.1:5001/a', 'postgres://127.0.0.1:5002/a', 'postgres://127.0.0.1:5002/b')).toEqual([
      '127.0.0.1-5001',
      '127.0.0.1-5002-a',
      '127.0.0.1-5002-b',
    ])
    expect(names('postgres://h/a', 'postgres://h/a', 'postgres://h/b')).toEqual(['h-5432-a', 'h-5432-a-2', 'h-5432-b'])
    expect(names('postgres://u@db1:5433,db2:5434/auth?target_session_attrs=primary')).toEqual(['db1'])
    expect(fromUrls(['postgres://u@db1:5433,db2/auth']).clusters[0]?.name).toBe('auth')
    expect(
      names('env:A', 'service=reports', 'host=db3 dbname=x', 'postgres:///x?host=/run/pg', 'postgres://[::1]:5432/x'),
    ).toEqual(['node-1', 'reports', 'db3', 'run-pg', '1'])
  })

  test('names the cluster by its database', () => {
    expect(fromUrls(['postgres://u@db1/auth']).clusters[0]?.name).toBe('auth')
    expect(fromUrls(['env:A']).clusters[0]?.name).toBe('cluster')
  })

  test('keeps the address as it was given', () => {
    expect(fromUrls(['postgres://u:p@db1/auth']).clusters[0]?.nodes[0]?.url).toBe('postgres://u:p@db1/auth')
  })

  test.each(['nonsense', 'mysql://root@h/d', ''])('%j is no address', (url) => {
    expect(() => fromUrls([url])).toThrow(/is no address|not in this version yet/)
  })

  test('every name is one that the file allows', () => {
    const host = fc.webAuthority()
    fc.assert(
      fc.property(fc.array(host, { minLength: 1, maxLength: 4 }), (hosts) => {
        for (const name of names(...hosts.map((each) => `postgres://${each}/d`)))
          expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/)
      }),
    )
  })
})
