import { expect, test } from 'vitest'
import type { AccessRuleFact } from '../../../core/facts/postgres/access.ts'
import { login, rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './access-rules.ts'

const line = (n: number, roles: readonly string[], more: Partial<AccessRuleFact> = {}): AccessRuleFact => ({
  line: n,
  file: null,
  type: 'host',
  databases: ['all'],
  roles,
  address: '10.0.0.0/8',
  method: 'scram-sha-256',
  error: null,
  ...more,
})
const ours = line(1, ['all'])
const replication = line(9, ['all'], { databases: ['replication'] })

async function run(rules: readonly AccessRuleFact[]) {
  const results = await resultsOf({ name: 'pg_hba.conf', text: 'host all all 10.0.0.0/8 scram-sha-256' })
  const primary = { accessRules: { rules: [ours, ...rules], digest: 'x' } }
  const changed = rehearsal({ is: { primary } }).changed
  const here = results.map((result) => ({ ...result, node: 'primary' }))
  return [...rule.run(rehearsal({ results: here, changed, logins: { before: [login()], after: [] } }))]
}

test('a contract for which no line is left, or whose line rejects it, is named', async () => {
  expect(await run([line(2, ['other']), replication])).toMatchObject([
    { object: 'primary:pg_hba.conf', message: expect.stringContaining('contract login') },
  ])
  expect(await run([line(2, ['app'], { method: 'reject' }), replication])).toMatchObject([
    { message: expect.stringContaining('line 1 rejects it') },
  ])
})

test('a standby for which no line is left is named', async () => {
  expect(await run([line(2, ['app'])])).toMatchObject([{ message: expect.stringContaining('standby standby') }])
})

test('who finds a line is no finding', async () => {
  expect(await run([line(2, ['all']), replication])).toEqual([])
})
