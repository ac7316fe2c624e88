import { expect, test } from 'vitest'
import { rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './address-moves.ts'

async function run(text: string, host = 'db1.example') {
  const results = await resultsOf({ name: 'postgresql.conf', text })
  return [...rule.run(rehearsal({ results, listening: [{ name: 'primary', host, port: 5432 }] }))]
}

test('another port, and addresses without the one that is asked, are found', async () => {
  expect(await run('port = 6543')).toMatchObject([{ object: 'primary:port', nodes: ['primary'] }])
  expect(await run(`listen_addresses = '10.9.9.9'`, '10.0.0.1')).toMatchObject([{ object: 'primary:listen_addresses' }])
  expect(await run(`listen_addresses = 'localhost'`)).toMatchObject([{ object: 'primary:listen_addresses' }])
})

test('the same port, every address, and a name that may lead there, are no finding', async () => {
  expect(await run('port = 5432')).toEqual([])
  expect(await run(`listen_addresses = '*'`)).toEqual([])
  expect(await run(`listen_addresses = '10.9.9.9'`)).toEqual([])
})
