import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checks } from '../checks/list.generated.ts'
import type { ClusterConfig } from '../core/configuration.ts'
import type { EventBody } from '../core/event.ts'
import type { TouchedFact } from '../core/facts/cluster.ts'
import { causes } from '../diagnosis/causes.generated.ts'
import { suspects } from '../diagnosis/suspects.generated.ts'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import { waitUntil } from '../lab/wait.ts'
import { Watch } from './watch.ts'

let lab: Lab
let dir: string
beforeEach(async () => {
  lab = await testLab()
  dir = mkdtempSync(join(tmpdir(), 'antemortem-watch-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** One contract that reports no outcomes: only probes can tell that it does not hold. */
function cluster(): ClusterConfig {
  const file = join(dir, 'login.env')
  writeFileSync(file, `DATABASE_URL=${lab.url('primary', 'app')}\n`)
  return {
    name: 'auth',
    engine: 'postgres',
    nodes: lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'watch'), act: null, host: null })),
    contracts: [
      {
        name: 'login',
        settings: [{ file, key: 'DATABASE_URL' }],
        node: 'primary',
        readOnly: false,
        reads: ['standby', 'reports'].map((node) => ({ node, file: null, key: null })),
        canary: 'select 1',
        withinMs: 1_000,
        staleMs: 5_000,
        outcomes: null,
      },
    ],
    fence: 'message',
    invariants: [],
  }
}

const until = async (what: string, condition: () => boolean): Promise<void> =>
  waitUntil(what, () => Promise.resolve(condition()))

interface Watched {
  readonly watch: Watch
  readonly events: readonly { readonly atMs: number; readonly body: EventBody }[]
}

/** Watches until the test is over. */
async function watching(what: (watched: Watched) => Promise<void>): Promise<void> {
  const ended = new AbortController()
  const events: { atMs: number; body: EventBody }[] = []
  const watch = await Watch.open(cluster(), {
    catalogue: { checks, causes, suspects, thresholds: {} },
    clock: Date.now,
    signal: ended.signal,
    append: (bodies, atMs) => {
      events.push(...bodies.map((body) => ({ atMs, body })))
      return Promise.resolve([])
    },
    onEvent: () => undefined,
  })
  const running = watch.run()
  try {
    await until('the watch to know what is good', () => watch.state.lastGood.atMs !== null)
    await what({ watch, events })
  } finally {
    ended.abort()
    await running
    await watch.close('the test is over')
  }
}

const touchedOn = ({ watch }: Watched, node: string, table: string): TouchedFact | undefined => {
  const touched = watch.judged?.case.snapshot.facts.touched
  return touched?.seen ? touched.value.find((fact) => fact.node === node && fact.table === table) : undefined
}

test('a node that dies is an incident within seconds, though nobody reports outcomes', async () => {
  await watching(async ({ events }) => {
    await lab.stop('primary', 'immediate')
    const diedMs = Date.now()
    const opened = (): number | undefined => events.find(({ body }) => body.type === 'incident.opened')?.atMs
    await until('the incident', () => opened() !== undefined)
    console.info(`incident ${(opened() ?? 0) - diedMs} ms after the node died`)
    // Three failures a second apart, and a round: 3.2 s; the rest is for a busy machine.
    expect((opened() ?? 0) - diedMs).toBeLessThan(6_000)
  })
})

test('a table that the role may not read is told with the grant, in events and in what is diagnosed', async () => {
  await lab.rows('primary', 'revoke select on orders from antemortem')
  await lab.rows('reports', 'revoke select on orders from antemortem')
  await watching(async ({ watch, events }) => {
    await lab.rows('primary', 'alter table orders alter column amount set default 0')
    const told = () => events.flatMap(({ body }) => (body.type === 'check.blind' ? [body.unchecked] : []))
    await until('both nodes', () => told().length >= 2)
    const grant = 'grant select on public.orders to antemortem;'
    expect(told().sort((a, b) => (a.node < b.node ? -1 : 1))).toMatchObject([
      { check: 'replication/row-consistency', node: 'reports', remedy: `On primary: ${grant} On reports: ${grant}` },
      { check: 'replication/row-consistency', node: 'standby', remedy: `On primary: ${grant}` },
    ])
    expect(watch.judged?.diagnosis.not_seen).toMatchObject([{ why: 'no-privilege' }, { why: 'no-privilege' }])
    await lab.rows('primary', 'grant select on orders to antemortem')
    await lab.rows('reports', 'grant select on orders to antemortem')
    await until('the comparison', () => watch.judged?.diagnosis.not_seen === undefined)
    expect(told()).toHaveLength(2)
  })
})

test('a filter that was there before is no difference; one that is made while it is watched is', async () => {
  await lab.rows(
    'primary',
    'alter publication auth_pub set table users, sessions, orders (id, user_id, amount) where (id > 5)',
  )
  await lab.rows('reports', 'alter subscription reports_sub refresh publication')
  await lab.rows('primary', 'delete from orders where id = 3; update orders set placed_at = now() where id > 100')
  await lab.caughtUp()
  await watching(async (watched) => {
    await lab.rows('primary', 'alter table orders alter column amount set default 0')
    await until('the comparison', () => (touchedOn(watched, 'reports', 'orders')?.times ?? 0) >= 1)
    expect(touchedOn(watched, 'reports', 'orders')).toMatchObject({ verdict: 'equal', sourceRows: 1995 })
    await lab.rows(
      'primary',
      'alter publication auth_pub set table users where (id > 10), sessions, orders (id, user_id, amount) where (id > 5)',
    )
    await lab.rows('primary', `insert into users (id, name, password_hash) values (-1, 'new', 'x')`)
    await until('the difference', () => touchedOn(watched, 'reports', 'users')?.verdict === 'different')
    expect(touchedOn(watched, 'reports', 'users')).toMatchObject({ nodeRows: 1000, sourceRows: 1001 })
    expect(touchedOn(watched, 'reports', 'orders')?.verdict).toBe('equal')
  })
})
