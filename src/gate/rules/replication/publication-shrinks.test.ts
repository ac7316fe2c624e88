import { expect, test } from 'vitest'
import { publication } from '../../../../test/builders.ts'
import { rehearsal } from '../../testing/rehearsal.ts'
import rule from './publication-shrinks.ts'

const run = (...args: Parameters<typeof rehearsal>) => [...rule.run(rehearsal(...args))]

test('a publication that is gone is named with those who subscribe to it', () => {
  expect(run({ is: { primary: { publications: [] } } })).toMatchObject([
    { object: 'primary:publication pub', nodes: ['subscriber'], message: expect.stringContaining('stays green') },
  ])
})

test('an operation that is carried no more is named', () => {
  const publishes = { insert: true, update: true, delete: true, truncate: false }
  expect(run({ is: { primary: { publications: [publication(['users'], { publishes })] } } })).toMatchObject([
    { message: expect.stringContaining('no longer carries truncate') },
  ])
})

test('a publication that nobody subscribes to may go', () => {
  const spare = publication(['users'], { name: 'spare' })
  expect(run({ was: { primary: { publications: [publication(['users']), spare] } }, is: {} })).toEqual([])
})
