import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { Configured, cutTo, grantAmcheck, onFile, zeroPage } from '../testing/damaged-lab.ts'

let lab: Lab
let at: Configured

beforeEach(async () => {
  lab = await testLab()
  at = configured()
})
afterEach(() => {
  vi.unstubAllEnvs()
  at[Symbol.dispose]()
})

function configured(options: ConstructorParameters<typeof Configured>[1] = {}): Configured {
  const made = new Configured(lab, options)
  for (const [name, value] of Object.entries(made.env)) vi.stubEnv(name, value)
  return made
}

const rowsOf = async (node: string, table = 'orders') =>
  (await lab.rows(node, `select count(*)::int as n, sum(hashtextextended(t::text, 0)) as hash from ${table} t`))[0]

test('a damaged heap page is found and explained, the table is rebuilt from the standby, and equal on all nodes', async () => {
  await grantAmcheck(lab)
  const before = await rowsOf('primary')
  await lab.damage('primary', 'orders', { page: 5, offset: 2048, length: 2048 })
  const { code, json } = await at.json('integrity')
  expect(code).toBe(1)
  expect(json).toMatchObject({
    findings: expect.arrayContaining([
      expect.objectContaining({
        check: 'integrity/unreadable-blocks',
        subject: 'primary:public.orders',
        severity: 'critical',
        evidence: expect.objectContaining({ blocks: 1, first_block: 5, still_on: 'standby' }),
        mend: { kind: 'rebuild', schema: 'public', table: 'orders', donor: 'standby' },
      }),
    ]),
  })
  const planned = await at.json('integrity', '--repair', 'plan')
  expect(Reflect.get(Object(planned.json), 'plans')).toHaveLength(1)
  const id = Reflect.get(Object(planned.json), 'plans')[0].id
  const applied = await at.cli('integrity', '--repair', 'apply', id)
  expect(applied.code).toBe(0)
  expect(await rowsOf('primary')).toEqual(before)
  expect(await rowsOf('standby')).toEqual(before)
})
