import { expect, test } from 'vitest'
import { Gathered } from './gather.ts'
import type { LogMessage } from './message.ts'

const message = (text: string, more: Partial<LogMessage> = {}): LogMessage => ({
  atMs: 0,
  severity: 'ERROR',
  code: '23505',
  message: text,
  detail: 'Key (id)=(1) already exists.',
  context: null,
  role: 'app',
  database: 'auth',
  application: 'login-1',
  ...more,
})

test('lines that differ only in numbers are one entry with its first and last time', () => {
  const gathered = new Gathered('primary')
  gathered.add(message('could not read block 3'), 1000)
  gathered.add(message('could not read block 17'), 3000)
  gathered.add(message('could not read block 17', { role: 'other' }), 3000)
  gathered.add(message('could not read page 17'), 2000)
  expect(
    gathered
      .entries(4000)
      .map(({ message: text, role, count, firstMs, lastMs }) => [text, role, count, firstMs, lastMs]),
  ).toEqual([
    ['could not read block 3', 'app', 2, 1000, 3000],
    ['could not read page 17', 'app', 1, 2000, 2000],
    ['could not read block 17', 'other', 1, 3000, 3000],
  ])
  expect(gathered.entries(4000)[0]?.detail).toBe('Key (id)=(...) already exists.')
})

test('what was not said again for ten minutes is forgotten', () => {
  const gathered = new Gathered('primary')
  gathered.add(message('one'), 1000)
  gathered.add(message('two'), 2000)
  expect(gathered.entries(601_500).map(({ message: text }) => text)).toEqual(['two'])
})

test('five hundred are kept, and the worst of them first', () => {
  const gathered = new Gathered('primary')
  gathered.add(message('the end', { severity: 'PANIC' }), 0)
  const word = (n: number): string => String(n).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '')
  for (let n = 0; n < 700; n += 1) gathered.add(message(word(n)), n)
  const entries = gathered.entries(1000)
  expect(entries).toHaveLength(500)
  expect(entries[0]?.message).toBe('the end')
  expect(entries.at(-1)?.message).toBe(word(699))
})
