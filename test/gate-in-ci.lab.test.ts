import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Lab } from '../src/lab/lab.ts'
import { testLab } from '../src/lab/testing.ts'
import { ExampleRepository } from './examples/repository.ts'
import { stepOf } from './examples/workflow.ts'

let lab: Lab
let it: ExampleRepository
beforeEach(async () => {
  lab = await testLab()
  it = new ExampleRepository()
})
afterEach(() => it[Symbol.dispose]())

const rehearse = stepOf('rehearse', 'rehearse what is not deployed yet')
const apply = stepOf('deploy', 'apply what is not deployed yet')

test('a migration is refused on its pull request, mended, and deployed once', { timeout: 240_000 }, async () => {
  const names = ['primary', 'reports', 'standby']
  const env = Object.fromEntries(
    names.flatMap((name) => [
      [`${name.toUpperCase()}_URL`, lab.url(name, 'watch')],
      [`${name.toUpperCase()}_ADMIN_URL`, lab.url(name, 'admin')],
    ]),
  )
  const nodes = names.map(
    (name) => `      ${name}: { url: "env:${name.toUpperCase()}_URL", act: "env:${name.toUpperCase()}_ADMIN_URL" }\n`,
  )
  it.commit({ 'antemortem.yaml': `clusters:\n  auth:\n    engine: postgres\n    nodes:\n${nodes.join('')}` })

  it.commit({ 'db/002_phone.sql': 'alter table users add column phone text;\n' })
  const refused = it.run(rehearse.run, env)
  expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('public.users')])

  const both = '-- antemortem:on reports\nalter table users add column phone text;\n-- antemortem:on primary\n'
  it.commit({ 'db/002_phone.sql': `${both}alter table users add column phone text;\n` })
  const deployed = it.script(env, 'deploy')
  expect([deployed.code, deployed.err]).toEqual([0, expect.stringContaining('deployed')])
  for (const node of ['primary', 'standby', 'reports'])
    expect(
      await lab.rows(node, `select 1 from pg_attribute where attrelid = 'users'::regclass and attname = 'phone'`),
    ).toHaveLength(1)
  expect(it.git('ls-remote', 'origin', 'deployed')).toContain(it.git('rev-parse', 'HEAD').trim())

  // Behind the tag nothing is left to be done.
  expect(it.run(apply.run, env)).toEqual({ code: 0, out: '', err: '' })
})
