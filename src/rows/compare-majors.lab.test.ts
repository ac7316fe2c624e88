import { afterAll, beforeAll, expect, test } from 'vitest'
import { openNode, type NodeLink } from '../engines/postgres/index.ts'
import { nodeReader } from '../engines/postgres/rows/node-reader.ts'
import { authBlueprint } from '../lab/auth.ts'
import type { Lab } from '../lab/lab.ts'
import { startLab } from '../lab/start-lab.ts'
import { testLab } from '../lab/testing.ts'
import { waitUntil } from '../lab/wait.ts'
import type { ChunkVerdict } from './compare-table.ts'
import { compareTable } from './compare-table.ts'
import type { Pair } from './fence.ts'
import { differences, mixedDdl, mixedRows } from './testing/mixed-table.ts'
import { never } from './testing/pairs.ts'

/** Two clusters: one of the oldest major version that we have publishes, one of the newest subscribes. */
let old: Lab
let lab: Lab
const links: NodeLink[] = []
let pair: Pair
beforeAll(async () => {
  const blueprint = authBlueprint()
  old = await startLab({ ...blueprint, nodes: blueprint.nodes.slice(0, 1) }, { major: 15 })
  lab = await testLab()
  // The oids of the types that users make are each server's own.
  await lab.rows('primary', `create type another as enum ('a')`)
  for (const sql of mixedDdl) for (const each of [old, lab]) await each.rows('primary', sql)
  await old.rows('primary', mixedRows(3000))
  await old.rows('primary', 'create publication upgrade for table mixed')
  await lab.rows(
    'primary',
    `create subscription upgrade connection '${old.url('primary', 'admin')}' publication upgrade`,
  )
  await waitUntil('the first copy', async () => {
    const [row] = await lab.rows('primary', `select bool_and(srsubstate = 'r') as done from pg_subscription_rel`)
    return row?.['done'] === true
  })
  const open = async (from: Lab) => {
    const link = await openNode({
      name: 'primary',
      url: from.url('primary', 'watch'),
      signal: never(),
      deadlineMs: 5000,
    })
    links.push(link)
    return nodeReader(link)
  }
  const [source, target] = [await open(old), await open(lab)]
  pair = {
    source: { ...source, name: 'old' },
    target: { ...target, name: 'new' },
    follows: { kind: 'logical', subscription: 'upgrade' },
  }
}, 120_000)
afterAll(async () => {
  await Promise.all(links.map(async (link) => link.close()))
  await lab.rows('primary', 'drop subscription upgrade')
  await old.close()
})

async function compare(): Promise<ChunkVerdict[]> {
  const verdicts: ChunkVerdict[] = []
  const scope = { schema: 'public', table: 'mixed', columns: null, rowFilter: null }
  for await (const verdict of compareTable(pair, scope, { fenceMs: 10_000, firstRows: 1000 }, never()))
    verdicts.push(verdict)
  return verdicts
}

test('a subscriber of another major version: equal rows are equal, and every pair of values is told apart', async () => {
  const clean = await compare()
  expect([...new Set(clean.map(({ verdict }) => verdict))]).toEqual(['consistent'])
  expect(clean.reduce((sum, { rows }) => sum + rows, 0)).toBe(3000)
  for (const [n, [column, left]] of differences.entries())
    await old.rows('primary', `insert into mixed (id, ${column}) values (${5000 + n}, ${left})`)
  await waitUntil('the rows', async () => {
    const [row] = await lab.rows('primary', 'select count(*)::int as n from mixed')
    return row?.['n'] === 3000 + differences.length
  })
  for (const [n, [column, , right]] of differences.entries())
    await lab.rows(
      'primary',
      `set session_replication_role = replica; update mixed set ${column} = ${right} where id = ${5000 + n}`,
    )
  const rows = (await compare()).flatMap(({ differing }) => differing)
  expect(rows.map(({ key, columns }) => `${key.join()} ${columns.join()}`).sort()).toEqual(
    differences.map(([column], n) => `${5000 + n} ${column}`).sort(),
  )
})
