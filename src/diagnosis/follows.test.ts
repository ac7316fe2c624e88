import { expect, test } from 'vitest'
import { causes } from './causes.generated.ts'

test('no cause follows from itself by way of others: of a ring of confirmed ones none would be the root', () => {
  const follows = new Map(causes.map((cause) => [cause.id, cause.follows]))
  const reaches = (from: string, wanted: string, seen: ReadonlySet<string>): boolean =>
    (follows.get(from) ?? []).some(
      (next) => next === wanted || (!seen.has(next) && reaches(next, wanted, new Set([...seen, next]))),
    )
  expect(causes.map(({ id }) => id).filter((id) => reaches(id, id, new Set()))).toEqual([])
})
