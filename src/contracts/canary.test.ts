import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canaryStatement, multisetDigest } from './canary.ts'

const key = Buffer.from('a key of this process')

describe('multisetDigest', () => {
  test('is the same for the same rows in any order, and for no others', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (rows, others) => {
        expect(multisetDigest(rows.toReversed(), key)).toBe(multisetDigest(rows, key))
        const isSame = JSON.stringify(rows.toSorted()) === JSON.stringify(others.toSorted())
        expect(multisetDigest(rows, key) === multisetDigest(others, key)).toBe(isSame)
      }),
    )
  })

  test('counts a row that stands twice', () => {
    expect(multisetDigest(['a', 'a'], key)).not.toBe(multisetDigest(['a'], key))
  })

  test('says nothing without the key', () => {
    expect(multisetDigest(['a'], key)).not.toBe(multisetDigest(['a'], Buffer.from('another')))
  })
})

describe('canaryStatement', () => {
  test('ends what ends the statement, and survives a comment at its end', () => {
    const { text, values } = canaryStatement('select 1 -- one\n ; ')
    expect(text).toContain('select 1 -- one\n) as')
    expect(values).toEqual([10_001])
  })
})
