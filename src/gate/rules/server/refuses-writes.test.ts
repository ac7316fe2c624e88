import { expect, test } from 'vitest'
import type { CanaryResult } from '../../rehearsal.ts'
import { rehearsal } from '../../testing/rehearsal.ts'
import rule from './refuses-writes.ts'

const refused = (code: string): CanaryResult => ({
  schema: 'public',
  table: 'users',
  node: 'primary',
  step: 'insert',
  outcome: 'refused',
  detail: 'cannot execute INSERT in a read-only transaction',
  code,
})
const run = (code: string) => [...rule.run(rehearsal({ canaries: [refused(code)] }))]

test.each(['25006', '57014', 'CLIENT_DEADLINE'])('%s is the server, not the row', (code) => {
  expect(run(code)).toMatchObject([{ object: 'primary', nodes: ['primary'] }])
})

test.each(['23505', '23514', '22P02', '55000'])('%s is the row or the table, not the server', (code) => {
  expect(run(code)).toEqual([])
})
