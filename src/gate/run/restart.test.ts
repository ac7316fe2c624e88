import { expect, test } from 'vitest'
import { resultsOf } from '../testing/rehearsal.ts'
import { restartOrder } from './restart.ts'

const nodes = [
  { name: 'primary', role: 'primary' },
  { name: 'standby', role: 'standby' },
  { name: 'reports', role: 'subscriber' },
] as const

test.each([
  [[], ['primary', 'standby', 'reports']],
  [['primary'], ['standby', 'reports', 'primary']],
  [
    ['standby', 'primary', 'standby'],
    ['reports', 'standby', 'primary'],
  ],
])('a change of %j has the nodes restarted in the order %j', async (of, expected) => {
  const [one] = await resultsOf({ name: 'm.sql', text: 'select 1' })
  const results = of.flatMap((node) => (one ? [{ ...one, node }] : []))
  expect(restartOrder(nodes, results).map(({ name }) => name)).toEqual(expected)
})
