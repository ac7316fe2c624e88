import { expect, test } from 'vitest'
import { rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './statement-fails.ts'

const failed = async (code: string) =>
  (await resultsOf({ name: 'm.sql', text: 'select 1;\nselect * from nowhere' })).map((result) => ({
    ...result,
    error: result.statement.line === 2 ? { code, message: 'relation "nowhere" does not exist' } : null,
  }))

test('a statement that the server refuses is named by file, line, code and words', async () => {
  expect([...rule.run(rehearsal({ results: await failed('42P01') }))]).toMatchObject([
    {
      object: 'm.sql:2',
      nodes: ['primary'],
      severity: 'error',
      message: 'm.sql:2: primary refuses the statement (42P01): relation "nowhere" does not exist',
    },
  ])
})

test('an unknown name is only a warning where definitions could not be copied', async () => {
  const notBuilt = ['primary: extension postgis']
  expect([...rule.run(rehearsal({ results: await failed('42P01'), notBuilt }))]).toMatchObject([
    { severity: 'warning' },
  ])
  expect([...rule.run(rehearsal({ results: await failed('42601'), notBuilt }))]).toMatchObject([{ severity: 'error' }])
})

test('what made-up rows may have refused is a warning', async () => {
  expect([...rule.run(rehearsal({ results: await failed('23503') }))]).toMatchObject([{ severity: 'warning' }])
  const [alter] = await resultsOf({ name: 'm.sql', text: 'alter table a alter b set not null' })
  const [insert] = await resultsOf({ name: 'm.sql', text: 'insert into a values (null)' })
  const error = { code: '23502', message: 'null value' }
  const results = [alter, insert].flatMap((result) => (result ? [{ ...result, error }] : []))
  expect([...rule.run(rehearsal({ results }))]).toMatchObject([{ severity: 'warning' }, { severity: 'error' }])
})

test('a change that went through is no finding', async () => {
  expect([...rule.run(rehearsal({ results: await resultsOf({ name: 'm.sql', text: 'select 1' }) }))]).toEqual([])
})
