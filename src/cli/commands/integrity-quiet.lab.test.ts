import { existsSync } from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import { authBlueprint } from '../../lab/auth.ts'
import type { Lab } from '../../lab/lab.ts'
import { startLab } from '../../lab/start-lab.ts'
import { testLab } from '../../lab/testing.ts'
import { mixedDdl, mixedRows } from '../../rows/testing/mixed-table.ts'
import { publishTable } from '../../rows/testing/pairs.ts'
import { Writer } from '../../rows/testing/writer.ts'
import { Configured, grantAmcheck } from '../testing/damaged-lab.ts'
import { blind, grave } from '../testing/damage-findings.ts'

let at: Configured | null = null

function configured(lab: Lab): Configured {
  at = new Configured(lab)
  for (const [name, value] of Object.entries(at.env)) vi.stubEnv(name, value)
  return at
}
afterEach(() => {
  vi.unstubAllEnvs()
  at?.[Symbol.dispose]()
})

/** Vacuums until it is told to stop: maps are set while they are read. */
async function vacuuming(lab: Lab, signal: AbortSignal): Promise<void> {
  while (!signal.aborted)
    for (const table of ['mixed', 'queue', 'users']) await lab.rows('primary', `vacuum analyze ${table}`)
}

test('while everything is written and vacuumed, a look at all that can be looked at says nothing', async () => {
  const lab = await testLab()
  await grantAmcheck(lab)
  await publishTable(lab, 'mixed', mixedDdl, [mixedRows(2000)])
  await lab.rows('primary', 'create index on mixed using hash (txt)')
  await lab.caughtUp()
  const cli = configured(lab)
  const stop = new AbortController()
  await using writer = await Writer.start(lab)
  const vacuums = vacuuming(lab, stop.signal)
  const look = async (mapBlindOn: readonly string[]): Promise<void> => {
    const { json } = await cli.json('integrity')
    expect(grave(json)).toEqual([])
    const map = blind(json).filter(({ check }) => check === 'integrity/visibility-map')
    expect(map.map(({ node }) => node)).toEqual(mapBlindOn)
  }
  for (let n = 0; n < 2; n += 1) await look(['primary', 'standby', 'reports'])
  await lab.rows('primary', 'create extension pg_visibility')
  await lab.caughtUp()
  for (let n = 0; n < 2; n += 1) await look(['reports'])
  console.info(`at ${writer.tps()} tps`)
  stop.abort()
  await vacuums
}, 180_000)

test('the oldest version that is tried is looked at, and says what it cannot tell', async ({ skip }) => {
  if (!existsSync('/usr/lib/postgresql/15/bin/postgres')) skip('PostgreSQL 15 is not installed')
  await using lab = await startLab(authBlueprint(), { major: 15 })
  await lab.rows(
    'primary',
    `create extension amcheck; create extension pg_visibility;
    grant execute on function bt_index_check(regclass, boolean),
      verify_heapam(regclass, boolean, boolean, text, bigint, bigint) to antemortem`,
  )
  await lab.caughtUp()
  const { code, json } = await configured(lab).json('integrity')
  expect([code, grave(json)]).toEqual([0, []])
  expect(blind(json)).toContainEqual(
    expect.objectContaining({ check: 'integrity/visibility-map', node: 'primary', why: 'not-in-this-version' }),
  )
}, 120_000)
