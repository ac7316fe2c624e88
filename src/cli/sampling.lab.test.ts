import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ClusterConfig, VerifyConfig } from '../core/configuration.ts'
import type { EventBody } from '../core/event.ts'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import { waitUntil } from '../lab/wait.ts'
import { mixedDdl, mixedRows } from '../rows/testing/mixed-table.ts'
import { publishTable } from '../rows/testing/pairs.ts'
import { swapPage } from '../rows/testing/swap-page.ts'
import { Writer } from '../rows/testing/writer.ts'
import type { Store } from '../store/store.ts'
import { memoryStore } from '../store/testing/scratch.ts'
import type { Coverage } from '../verify/rolling/schedule.ts'
import type { Watch } from '../watch/watch.ts'
import { openSampling, readKept } from './sampling.ts'
import { openWatch } from './watching.ts'

let lab: Lab
let store: Store & AsyncDisposable
beforeEach(async () => {
  lab = await testLab()
  store = await memoryStore()
})
afterEach(async () => store[Symbol.asyncDispose]())

const clusterOf = (verify?: Partial<VerifyConfig>): ClusterConfig => ({
  name: 'auth',
  engine: 'postgres',
  nodes: lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'watch'), act: null, host: null })),
  contracts: [],
  fence: 'message',
  invariants: [],
  ...(verify && { verify: { tables: [], load: 0.5, everyMs: 4_000, ...verify } }),
})

interface Watched {
  readonly watch: Watch
  readonly events: readonly EventBody[]
  /** Ends of rounds over all tables. */
  readonly trips: readonly Coverage[]
}

async function watching(cluster: ClusterConfig, what: (watched: Watched) => Promise<void>): Promise<void> {
  const ended = new AbortController()
  const events: EventBody[] = []
  const trips: Coverage[] = []
  const sampling = await openSampling(cluster, { store, signal: ended.signal, onTrip: (trip) => void trips.push(trip) })
  const watch = await openWatch(cluster, { thresholds: {}, mutes: [] }, store, {
    signal: ended.signal,
    append: async (bodies, atMs) => {
      events.push(...bodies)
      return store.append(cluster.name, bodies, atMs)
    },
    onEvent: () => undefined,
    ...(sampling && { sampling }),
  })
  const running = watch.run()
  try {
    await waitUntil('the watch to have begun', async () => events.some(({ type }) => type === 'watch.started'))
    await what({ watch, events, trips })
  } finally {
    ended.abort()
    await running
    await watch.close('the test is over')
  }
}

const opened = (events: readonly EventBody[]): readonly string[] =>
  events.flatMap((event) =>
    event.type === 'finding.opened' && event.finding.check === 'replication/row-consistency'
      ? [`${event.finding.subject}: ${event.finding.message}`]
      : [],
  )
const closed = (events: readonly EventBody[]): readonly string[] =>
  events.flatMap((event) =>
    event.type === 'finding.closed' && event.finding.check === 'replication/row-consistency'
      ? [event.finding.subject]
      : [],
  )

const trip = async ({ trips }: Watched, more = 1): Promise<void> => {
  const before = trips.length
  await waitUntil('all tables to be gone through', async () => trips.length >= before + more, { timeoutMs: 60_000 })
}

/** Behind replication's back. */
const tamper = async (sql: string): Promise<unknown> =>
  lab.rows('reports', `set session_replication_role = replica; ${sql}`)

test('a row that was changed on a subscriber is found in a table that no change touched, and nothing else, under writes', async () => {
  await publishTable(lab, 'mixed', mixedDdl, [mixedRows(6000)])
  await using writer = await Writer.start(lab)
  await watching(clusterOf({}), async (watched) => {
    const { events, watch } = watched
    await trip(watched)
    expect(opened(events)).toEqual([])
    const sinceMs = Date.now()
    await tamper(`update users set name = 'eve' where id = 500`)
    await waitUntil('the finding', async () => opened(events).length > 0, { timeoutMs: 60_000 })
    console.info(`found ${Date.now() - sinceMs} ms after it was made, at ${writer.tps()} tps, every 4 s`)
    await trip(watched)
    expect(opened(events)).toEqual([
      'reports:public.users: public.users has 1000 rows on reports and 1000 on primary, compared behind a fence',
    ])
    // Named once the catalogs were read after it was seen: a publication changed a moment ago looks the same.
    await waitUntil(
      'the cause',
      async () =>
        watch.judged?.diagnosis.causes.some(
          ({ id, subject }) => id === 'replication/divergence' && subject === 'reports:public.users',
        ) === true,
      { timeoutMs: 90_000 },
    )
    await tamper(`update users set name = 'user500' where id = 500`)
    await waitUntil('the finding to be closed', async () => closed(events).length > 0, { timeoutMs: 90_000 })
    expect(closed(events)).toEqual(['reports:public.users'])
  })
}, 240_000)

test('a write that a standby has lost is found, without any log, checksum or lag that tells of it', async () => {
  // Rows that came, and no old version that a reader of the primary would clear away: with that the page would be sent anew.
  await lab.rows(
    'primary',
    `create table hot (id int primary key, v text); insert into hot select n, 'v' || n from generate_series(1, 50) n`,
  )
  await swapPage(lab, {
    table: 'hot',
    into: 'old page',
    change: async () => lab.rows('primary', `insert into hot values (51, 'new'), (52, 'new')`),
    close: async () => undefined,
  })
  await watching(clusterOf({}), async ({ events, watch }) => {
    await waitUntil('the finding', async () => opened(events).length > 0, { timeoutMs: 60_000 })
    expect(opened(events)).toEqual([
      'standby:public.hot: public.hot has 50 rows on standby and 52 on primary, compared behind a fence',
    ])
    await waitUntil(
      'the cause',
      async () =>
        watch.judged?.diagnosis.causes.some(
          ({ id, subject }) => id === 'replication/divergence' && subject === 'standby:public.hot',
        ) === true,
      { timeoutMs: 90_000 },
    )
  })
}, 240_000)

test('without verify: nothing is compared, and no session is opened for it', async () => {
  const without = clusterOf()
  expect(await openSampling(without, { store, signal: AbortSignal.timeout(1), onTrip: () => undefined })).toBeNull()
  await watching(without, async ({ events, watch }) => {
    await tamper(`update users set name = 'eve' where id = 500`)
    await waitUntil('some rounds', async () => watch.state.history.length > 5)
    expect(opened(events)).toEqual([])
    const [row] = await lab.rows(
      'reports',
      `select count(*)::int as n from pg_stat_activity where application_name like 'antemortem-compare-%'`,
    )
    expect(row?.['n']).toBe(0)
  })
}, 60_000)

test('another watcher goes on: what differed stays open, and a large table is not begun anew', async () => {
  const rows = `insert into big select n, 'v' || n from generate_series(1, 600000) n`
  await publishTable(lab, 'big', ['create table big (id int primary key, v text)'], [rows])
  await lab.rows('primary', 'vacuum analyze big')
  await tamper(`update big set v = 'x' where id = 17`)
  const cluster = clusterOf({ tables: ['public.big'], load: 0.2, everyMs: 3_600_000 })
  await watching(cluster, async ({ events }) => {
    await waitUntil('the finding', async () => opened(events).length > 0, { timeoutMs: 60_000 })
  })
  const kept = await readKept(store, 'auth')
  const before = kept.find(({ right }) => right === 'reports')
  expect(before?.difference).toMatchObject({ keys: [['17']] })
  expect(before?.after).not.toBeNull()
  await watching(cluster, async (watched) => {
    await waitUntil('it to go on', async () => {
      const now = (await readKept(store, 'auth')).find(({ right }) => right === 'reports')
      return now !== undefined && now.rows > (before?.rows ?? 0)
    })
    const now = (await readKept(store, 'auth')).find(({ right }) => right === 'reports')
    expect(now?.begunMs).toBe(before?.begunMs)
    expect(closed(watched.events)).toEqual([])
    expect(opened(watched.events)).toEqual([])
  })
}, 180_000)
