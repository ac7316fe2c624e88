import { expect, test } from 'vitest'
import { rehearsal } from '../../testing/rehearsal.ts'
import rule from './does-not-start.ts'

const run = (failure: string | null, fileErrors: readonly string[] = []) => [
  ...rule.run(rehearsal({ starts: [{ node: 'primary', failure, refuses: null, fileErrors }] })),
]

test('a server that does not start is named with its own last words', () => {
  expect(run('FATAL: could not access file "x"')).toMatchObject([
    { object: 'primary', nodes: ['primary'], message: expect.stringContaining('could not access file') },
  ])
})

test('an error in its files is an error before the next start makes it worse', () => {
  expect(run(null, ['postgresql.auto.conf:3: max_connections'])).toMatchObject([{ severity: 'error' }])
})

test('a server that starts is no finding', () => {
  expect(run(null)).toEqual([])
})
