import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { isLong, newUser, reloadWith, session, work } from './doing.ts'
import { allNodes } from './scene.ts'
import { state, type Doing } from './state.ts'

// D01, D11: nobody writes, and the subscriber's slot on the standby is not read there by design.
state('healthy-idle', { breaks: () => Promise.resolve() })

state('healthy-load', {
  breaks: async (doing) => {
    const write = 'insert into orders (user_id, amount) select 1 + n, n from generate_series(1, 20) n'
    await work(doing, 'primary', 'login-1', write)
    await work(doing, 'primary', 'login-2', 'update users set last_login = now() where id = 1')
    await work(doing, 'standby', 'login-1', 'select count(*) from users')
    await work(doing, 'reports', 'reports-1', 'select count(*) from orders')
  },
})

// D03
state('standby-delayed-by-design', {
  prepares: async (lab) => reloadWith(lab, 'standby', { recovery_min_apply_delay: '60s' }),
  breaks: async ({ lab }) => lab.rows('primary', newUser(6000)),
})

// D05
state('base-backup-runs', {
  shows: ({ nodes }) =>
    nodes.some(({ facts: { senders } }) => senders.seen && senders.value.some((one) => one.state === 'backup')),
  breaks: async ({ lab, ends }) => {
    const client = new Client({ connectionString: `${lab.url('primary', 'replication')}?replication=true` })
    client.on('error', () => undefined)
    await client.connect()
    ends.defer(async () => client.end())
    // So slow that it outlasts the state; what it sends is thrown away.
    client.query("BASE_BACKUP (LABEL 'nightly', CHECKPOINT 'fast', MAX_RATE 64)").catch(() => undefined)
  },
})

// D09
state('standby-restarted', { breaks: async ({ lab }) => lab.restart('standby') })

state('statistics-reset', {
  breaks: async ({ lab }) => {
    for (const { name } of lab.nodes)
      await lab.rows(name, 'select pg_stat_reset(), pg_stat_reset_subscription_stats(null)')
  },
})

// D11
state('consumer-away-for-a-minute', {
  prepares: async (lab) => {
    await lab.rows('primary', `select pg_create_logical_replication_slot('search_index', 'test_decoding')`)
  },
  breaks: async ({ lab }) => lab.rows('primary', newUser(6000)),
})

// D13
state('dump-for-forty-minutes', {
  shows: (snapshot) => isLong(snapshot, 'pg_dump'),
  breaks: async (doing) => {
    const dump = await session(doing, 'primary', 'pg_dump')
    await dump.rows('begin isolation level repeatable read; select count(*) from users')
  },
})

// D16
state('slot-never-used', {
  shows: ({ nodes }) =>
    nodes.some(
      ({ facts: { replicationSlots } }) =>
        replicationSlots.seen &&
        replicationSlots.value.some(({ name, restartLsn }) => name === 'spare' && restartLsn === null),
    ),
  breaks: async ({ lab }) => lab.rows('primary', `select pg_create_physical_replication_slot('spare')`),
})

state('one-server-under-two-names', {
  nodes: (lab) => [
    ...allNodes(lab),
    ...allNodes(lab)
      .filter(({ name }) => name === 'primary')
      .map((node) => ({ ...node, name: 'writer' })),
  ],
  breaks: async ({ lab }) => lab.rows('primary', newUser(6000)),
})

// D15
state('switched-over', {
  alone: true,
  shows: ({ nodes }) => nodes.some(({ name, role }) => name === 'primary' && role === 'standby'),
  prepares: async (lab) => {
    // The one that will be the primary has room for the other, as anybody who switches over has seen to before.
    await lab.rows('standby', `select pg_create_physical_replication_slot('primary_slot', true)`)
  },
  breaks: switchOver,
})

async function switchOver({ lab }: Doing): Promise<void> {
  const { port, dataDir } = lab.node('primary')
  const to = lab.node('standby').port
  const conninfo = `host=127.0.0.1 port=${to} user=replicator password=${lab.password('replicator')} dbname=auth`
  await lab.stop('primary', 'fast')
  await lab.rows('standby', 'select pg_promote()')
  lab.setConf('primary', {
    primary_conninfo: conninfo,
    primary_slot_name: 'primary_slot',
    synchronized_standby_slots: '',
    hot_standby_feedback: 'on',
    sync_replication_slots: 'on',
    port: String(port),
  })
  writeFileSync(join(dataDir, 'standby.signal'), '')
  await lab.start('primary')
  await reloadWith(lab, 'standby', { synchronized_standby_slots: 'primary_slot' })
  await lab.rows('reports', `alter subscription reports_sub connection '${conninfo}'`)
  await lab.rows('standby', newUser(6000))
}
