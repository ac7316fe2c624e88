import { expect, test } from 'vitest'
import type { DrillResult } from '../core/drill.ts'
import { tally } from './tally.ts'

const ran = (id: string, ms: number | null, rest: Partial<DrillResult> = {}): DrillResult => ({
  id,
  title: `drill ${id}`,
  seed: 1,
  original: { toCauseMin: null, totalMin: null },
  noticed: { ms: 100, by: 'application/outcomes' },
  named: { ms, cause: 'server/crash', subject: 'primary', trigger: null, correct: ms !== null },
  suspects: [],
  proof: null,
  ...rest,
})

test('runs of one drill are counted together, with half and nearly all of their times', () => {
  const runs = Array.from({ length: 20 }, (_, n) => ran('0', 1_000 + n))
  expect(tally([...runs, ran('1', null)])).toMatchObject([
    { id: '0', runs: 20, right: 20, insteadNamed: [], namedMs: { half: 1_009, most: 1_018 } },
    { id: '1', runs: 1, right: 0, insteadNamed: ['server/crash'], namedMs: null },
  ])
})

test('what was named instead and what was wrongly confirmed is told once', () => {
  const wrong = { wronglyConfirmed: ['server/stopped primary'] }
  const nothing = { named: { ms: null, cause: null, subject: null, trigger: null, correct: false } }
  expect(
    tally([ran('4', null, wrong), ran('4', null, { ...wrong, ...nothing }), ran('4', null, nothing)]),
  ).toMatchObject([{ insteadNamed: ['server/crash', 'nothing'], wronglyConfirmed: ['server/stopped primary'] }])
})
