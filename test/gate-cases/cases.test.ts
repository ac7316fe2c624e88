import { expect, test } from 'vitest'
import { shareOf } from '../../bench/gate/caught.ts'
import { reviewTexts } from '../../bench/gate/review-cases.ts'
import { causes } from '../../src/diagnosis/causes.generated.ts'
import { readChange } from '../../src/gate/change/read-change.ts'
import { reviewRules } from '../../src/gate/review/rules.generated.ts'
import { faultCases, harmlessCases } from './all.ts'

const all = [...faultCases, ...harmlessCases]

test('there are enough cases, and no id stands for two', () => {
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  expect(faultCases.filter(({ breaks }) => breaks !== null).length).toBeGreaterThan(100)
  expect(harmlessCases.length).toBeGreaterThanOrEqual(60)
})

test('every statement of a case is SQL', async () => {
  const texts = all.flatMap(({ files }) => files).filter(({ name }) => name.endsWith('.sql'))
  const counts = await Promise.all(
    texts.map(async (text) => ({ name: text.name, count: (await readChange(text)).length })),
  )
  expect(counts.filter(({ count }) => count === 0)).toEqual([])
})

test('every consequence is a cause that the diagnosis knows', () => {
  const known = new Set(causes.map(({ id }) => id))
  const named = [
    ...reviewRules.map(({ consequence }) => consequence),
    ...faultCases.flatMap(({ breaks }) => breaks?.consequence ?? []),
  ]
  expect([...new Set(named)].filter((id) => !known.has(id))).toEqual([])
})

test('by the text alone three fifths of all faults are named, and nothing harmless is stopped', async () => {
  const outcomes = await reviewTexts()
  const faults = outcomes.filter(({ of }) => of.breaks !== null)
  expect(shareOf(faults)).toBeGreaterThanOrEqual(0.6)
  const others = outcomes.filter(({ of, isRight }) => of.breaks === null && !isRight)
  expect(others.map(({ of, findings }) => [of.id, findings])).toEqual([])
})
