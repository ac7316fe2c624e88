import { expect, test } from 'vitest'
import { checks } from '../../src/checks/list.generated.ts'
import { checkHead } from './pages.ts'

const headOf = (id: string): string => {
  const check = checks.find((each) => each.id === id)
  return check ? checkHead(check) : ''
}

test('a check that sees no harm wakes nobody by itself, and says after what its finding counts as lasting', () => {
  expect(headOf('replication/table-not-published')).toContain('| wakes somebody | never by itself')
  expect(headOf('replication/lag-time')).toContain('| wakes somebody | never by itself')
  expect(headOf('replication/lag-time')).toContain('| counts as lasting | after `sustainMs` |')
})

test('a check that sees harm wakes somebody when it is critical', () => {
  expect(headOf('replication/row-consistency')).toContain('| wakes somebody | when it is critical, at once |')
  expect(headOf('application/outcomes')).toContain(
    'when it is critical and has lasted `sustainMs`; after one second where its cause is confirmed',
  )
})
