import { expect, test } from 'vitest'
import { measureHarm } from './harm.ts'

const t0 = Date.parse('2026-01-01T00:00:00Z')
/** Ten logins a second from `t0` on, with these codes in turn. */
const logins = (codes: readonly string[]) =>
  codes.map((code, n) => ({ atMs: t0 + n * 100, instance: `app${1 + (n % 3)}`, node: 'primary', code }))
const times = (count: number, code: string) => Array.from({ length: count }, () => code)

test('the share counts from the first failure on', () => {
  const harm = measureHarm(logins([...times(20, 'ok'), ...times(10, '53300'), ...times(10, 'ok')]), t0, { min: 0.4 })
  expect(harm).toEqual({ share: 0.5, codes: { '53300': 10 }, happened: true, why: null })
})

test('a drill whose logins go on working has not happened', () => {
  const symptom = { codes: ['ECONNREFUSED'], min: 0.25 }
  expect(measureHarm(logins(times(30, 'ok')), t0, symptom)).toMatchObject({
    happened: false,
    why: '0 % of the logins failed, where 25 % at least should',
  })
  expect(measureHarm(logins(times(3, 'ok')), t0, symptom).why).toBe('only 3 logins')
})

test('another failure than the one that it is about is not it', () => {
  const harm = measureHarm(logins(times(20, 'ECONNRESET')), t0, { codes: ['XX001'], min: 0.1 })
  expect(harm.why).toBe('the logins failed with ECONNRESET 20, and not with XX001')
})

test('where nothing should fail, a failure among many is forgiven and many are not', () => {
  expect(measureHarm(logins([...times(99, 'ok'), 'ECONNRESET']), t0, { max: 0.02 }).happened).toBe(true)
  expect(measureHarm(logins([...times(90, 'ok'), ...times(10, 'x')]), t0, { max: 0.02 }).why).toMatch(/10 % .* 2 %/)
})

test('what failed before the trigger does not count', () => {
  expect(measureHarm(logins([...times(10, 'x'), ...times(20, 'ok')]), t0 + 1_000, { max: 0 }).share).toBe(0)
})
