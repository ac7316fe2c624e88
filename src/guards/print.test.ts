import { expect, test } from 'vitest'
import { stages } from '../core/outage.ts'
import type { Stage } from '../core/outage.ts'
import { coverage } from './coverage.ts'
import { coverageText } from './print.ts'
import { check, facts, outage, proof } from './testing/outage.ts'

test('the matrix reads before and after', () => {
  const guards = outage('gate:replication/table-not-carried', check, 'drill:0')
  const before = coverageText(coverage([guards], [], facts))
  expect(before).toContain('0  ○ armed      ○ armed      ○ armed      ○ armed      Logins fail on one node\n')
  expect(before).toContain('   then: cause after 89 min, over after 153 min\n')
  expect(before).toContain(`detect: ${check} was never seen to catch it → antemortem drill run 0`)
  const after = coverageText(
    coverage(
      [guards],
      stages.map((cell) => proof({ cell, guard: guardOf(cell) })),
      facts,
    ),
    (state, text) => `<${state}>${text}`,
  )
  expect(after).toContain('<proven>● proven')
  expect(after).toContain('now: prevent 1.4 s, detect 1.4 s, diagnose 1.4 s, recover 1.4 s')
  expect(after).toContain('100 % of the cells are proven.')
  expect(after).not.toContain('→')
})

const guardOf = (cell: Stage): string =>
  cell === 'prevent' ? 'gate:replication/table-not-carried' : cell === 'detect' ? check : 'drill:0'

test('without a postmortem it says that nothing is known', () => {
  expect(coverageText([])).toMatch(/No postmortem was found/)
})
