import { expect, test } from 'vitest'
import { repairTable, type Rebuilt } from './repair-table.ts'

const rebuilt = (fields: Partial<Rebuilt> = {}): Rebuilt => ({
  isPublished: false,
  size: '233 MB',
  planMs: 9_000,
  applyMs: 40_000,
  steps: [{ kind: 'table-swap', tookMs: 12_300 }],
  heldMs: 12_000,
  waitedMs: 12_100,
  writes: 900,
  isEqual: true,
  ...fields,
})

const run = (planMs: number, applyMs: number, isEqual = true) => ({ planMs, applyMs, isEqual })

test('the slowest run of the rows is the one that counts', () => {
  const table = repairTable([run(900, 1_500), run(1_000, 3_000), run(900, 1_400)], [rebuilt()], 1_000_000)
  expect(table.rows[0]?.slice(0, 1)).toEqual(['1,000 rows of a subscriber, the slowest of 3 runs'])
  expect(table.rows[0]?.slice(1)).toEqual(['1.0', '3.0', '4.0', '–', 'yes', '≤ 5', 'met'])
  expect(table.met).toBe(true)
  expect(repairTable([run(900, 1_500), run(1_000, 4_500)], [rebuilt()], 1_000_000).met).toBe(false)
})

test('a repair that leaves other rows than it should is missed, however fast it was', () => {
  expect(repairTable([run(1, 1), run(1, 1, false)], [rebuilt()], 1_000_000).met).toBe(false)
  expect(repairTable([run(1, 1)], [rebuilt({ isEqual: false })], 1_000_000).met).toBe(false)
  expect(repairTable([], [rebuilt()], 1_000_000).met).toBe(false)
})

test('how long a writer waited stands beside what the swap says of itself', () => {
  const { rows, notes } = repairTable([run(1, 1)], [rebuilt(), rebuilt({ isPublished: true, waitedMs: 20_000 })], 1_000)
  expect(rows.map((cells) => cells[4])).toEqual(['–', '12.1', '20.0'])
  expect(notes.join('\n')).toContain('held its lock for 12.0 s')
  expect(notes[0]).toContain('a try')
})
