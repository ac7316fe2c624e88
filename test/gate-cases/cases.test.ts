import { expect, test } from 'vitest'
import { readChange } from '../../src/gate/change/read-change.ts'
import { faultCases, harmlessCases } from './all.ts'

const all = [...faultCases, ...harmlessCases]

test('there are enough cases, and no id stands for two', () => {
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  expect(faultCases.filter(({ breaks }) => breaks !== null).length).toBeGreaterThan(100)
  expect(harmlessCases.length).toBeGreaterThanOrEqual(60)
})

test('every statement of a case is SQL', async () => {
  const texts = all.flatMap(({ files }) => files).filter(({ name }) => name.endsWith('.sql'))
  for (const text of texts) expect((await readChange(text)).length, text.name).toBeGreaterThan(0)
})
