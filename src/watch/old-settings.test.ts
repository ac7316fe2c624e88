import { expect, test } from 'vitest'
import { contract } from '../../test/builders.ts'
import { doWork } from './old-settings.ts'

const answer = { rows: 3, digest: 'a' }
const works = contract('primary')
const late = contract('primary', { ok: false, layer: 'latency' })
const refused = contract('primary', { ok: false, layer: 'tcp', code: 'ECONNREFUSED' })

test('old settings with which the canary is answered late do work, where with the new ones nobody is answered', () => {
  expect(doWork(refused, { fact: late, answer })).toBe(true)
  expect(doWork(refused, { fact: works, answer })).toBe(true)
})

test('old settings that are as late as the new ones do not work either', () => {
  expect(doWork(late, { fact: late, answer })).toBe(false)
})

test('a wait in vain says nothing of another failure, and the same failure does', () => {
  expect(doWork(refused, { fact: late, answer: null })).toBeNull()
  expect(doWork(refused, { fact: refused, answer: null })).toBe(false)
})

test('old settings that get no session where none is left are not refuted: a pool that the new ones fill takes them all', () => {
  const full = contract('primary', { ok: false, layer: 'capacity', code: '53300' })
  expect(doWork(full, { fact: full, answer: null })).toBeNull()
  expect(doWork(refused, { fact: full, answer: null })).toBeNull()
})
