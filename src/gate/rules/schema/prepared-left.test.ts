import { expect, test } from 'vitest'
import { rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './prepared-left.ts'

test('a transaction that is left prepared is named with the statement that left it', async () => {
  const results = await resultsOf({ name: 'm.sql', text: `begin; prepare transaction 'left'` })
  const found = [...rule.run(rehearsal({ results, prepared: [{ node: 'primary', gid: 'left' }] }))]
  expect(found).toMatchObject([{ object: 'primary:left', statement: { kind: 'TransactionStmt' } }])
})

test('none is no finding', () => {
  expect([...rule.run(rehearsal())]).toEqual([])
})
