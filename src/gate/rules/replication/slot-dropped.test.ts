import { expect, test } from 'vitest'
import { rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './slot-dropped.ts'

const run = async (text: string) => [...rule.run(rehearsal({ results: await resultsOf({ name: 'm.sql', text }) }))]

test('a slot that somebody reads from is named, also where the server would refuse', async () => {
  expect(await run(`select pg_drop_replication_slot('standby')`)).toMatchObject([
    { object: 'primary:slot standby', message: expect.stringContaining('is in use') },
  ])
})

test('a slot that is not there is no finding', async () => {
  expect(await run(`select pg_drop_replication_slot('old')`)).toEqual([])
})
