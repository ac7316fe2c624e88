import { expect, test } from 'vitest'
import { admits, firstMatch } from './admission.ts'
import { readAccessFile } from './read/access-file.ts'
import type { Login } from './input.ts'

const login = (more: Partial<Login> = {}): Login => ({
  who: 'x',
  role: 'app',
  database: 'auth',
  address: '10.1.2.3',
  tls: false,
  node: 'primary',
  ...more,
})

const lineFor = (text: string, who: Login): number | null => {
  const match = firstMatch(readAccessFile('pg_hba.conf', text, null, []).file.lines, who)
  return match !== null && admits(match) ? match.line : null
}

test.each([
  ['host all all 10.0.0.0/8 md5', login(), 1],
  ['host all all 10.2.0.0/16 md5', login(), null],
  ['host all all 10.1.2.3/32 md5', login(), 1],
  ['host auth app 0.0.0.0/0 md5', login({ address: '203.0.113.9' }), 1],
  ['host all all ::/0 md5', login(), null],
  ['host all all all md5', login({ database: 'replication' }), null],
  ['host replication all all md5', login({ database: 'replication' }), 1],
  ['hostssl all all all md5', login({ tls: true }), 1],
  ['hostssl all all all md5', login({ tls: null }), 1],
  ['local all all peer', login({ address: 'local' }), 1],
  ['local all all peer', login(), null],
  ['host all +staff all md5', login(), 1],
  ['host all app all reject\nhost all all all md5', login(), null],
  ['host all all 10.1.0.0 255.255.0.0 md5', login(), 1],
])('%j lets in by line: %#', (text, who, line) => {
  expect(lineFor(text, who)).toBe(line)
})
