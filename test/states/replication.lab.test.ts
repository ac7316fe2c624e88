import { isLong, newUser, reloadWith, waiting } from './doing.ts'
import { waitUntil } from '../../src/lab/wait.ts'
import { state } from './state.ts'

state('replay-paused', {
  breaks: async ({ lab }) => {
    await lab.rows('standby', 'select pg_wal_replay_pause()')
    await lab.rows('primary', "select pg_logical_emit_message(false, 'bulk', repeat('x', 20_000_000))")
    await lab.rows('primary', newUser(6000))
  },
  mends: async ({ lab }) => lab.rows('standby', 'select pg_wal_replay_resume()'),
})

state('apply-delay-set', {
  breaks: async ({ lab }) => {
    await reloadWith(lab, 'standby', { recovery_min_apply_delay: '600s' })
    await lab.rows('primary', newUser(6000))
  },
  mends: async ({ lab }) => reloadWith(lab, 'standby', { recovery_min_apply_delay: '0' }),
})

state('standby-cut-off', {
  breaks: async ({ lab }) => {
    const conninfo = `host=127.0.0.1 port=1 user=replicator password=${lab.password('replicator')} dbname=auth`
    await lab.rows('standby', `alter system set primary_conninfo = '${conninfo}'`)
    lab.reload('standby')
    await lab.rows('primary', newUser(6000))
  },
  mends: async ({ lab }) => {
    await lab.rows('standby', 'alter system reset primary_conninfo')
    const conninfo = `host=127.0.0.1 port=${lab.node('primary').port} user=replicator password=${lab.password('replicator')} dbname=auth`
    await lab.rows('standby', `alter system set primary_conninfo = '${conninfo}'`)
    lab.reload('standby')
  },
})

state('standby-stopped', {
  breaks: async ({ lab }) => lab.stop('standby', 'fast'),
  mends: async ({ lab }) => lab.start('standby'),
})

state('standby-slot-dropped', {
  breaks: async ({ lab }) => {
    await lab.stop('standby', 'fast')
    await lab.rows('primary', `select pg_drop_replication_slot('standby_slot')`)
    await lab.start('standby')
    await lab.rows('primary', newUser(6000))
  },
  mends: async ({ lab }) => lab.rows('primary', `select pg_create_physical_replication_slot('standby_slot', true)`),
})

state('slot-lost', {
  breaks: async ({ lab }) => {
    await lab.rows('reports', 'alter subscription reports_sub disable')
    await reloadWith(lab, 'primary', { max_slot_wal_keep_size: '1MB' })
    for (let n = 0; n < 4; n += 1)
      await lab.rows('primary', `select pg_logical_emit_message(false, 'bulk', repeat('x', 900000)), pg_switch_wal()`)
    await lab.rows('primary', 'checkpoint')
    await lab.rows('reports', 'alter subscription reports_sub enable')
  },
  mends: async ({ lab }) => {
    await lab.rows('reports', 'alter subscription reports_sub disable')
    await lab.rows('primary', `select pg_drop_replication_slot('reports_sub')`)
    await lab.rows(
      'primary',
      `select pg_create_logical_replication_slot('reports_sub', 'pgoutput', false, false, true)`,
    )
    await lab.rows('reports', 'alter subscription reports_sub enable')
  },
})

state('slot-unread', {
  prepares: async (lab) => {
    await lab.rows('primary', `select pg_create_logical_replication_slot('search_index', 'test_decoding')`)
  },
  breaks: async ({ lab }) => lab.rows('primary', newUser(6000)),
  mends: async ({ lab }) => lab.rows('primary', `select pg_drop_replication_slot('search_index')`),
})

state('standby-promoted', {
  breaks: async ({ lab }) => {
    await lab.rows('standby', 'select pg_promote()')
    await lab.rows('standby', newUser(6000))
    await lab.rows('primary', newUser(6001))
  },
})

state('commits-wait', {
  shows: (snapshot) => isLong(snapshot, 'login-1'),
  breaks: async (doing) => {
    await reloadWith(doing.lab, 'primary', { synchronous_standby_names: 'x' })
    await waiting(doing, 'primary', 'login-1', newUser(6000))
  },
  mends: async ({ lab }) => reloadWith(lab, 'primary', { synchronous_standby_names: '' }),
})

state('primary-has-more-room', {
  breaks: async ({ lab }) => {
    lab.setConf('primary', { max_connections: '80' })
    await lab.restart('primary')
    await lab.rows('primary', newUser(6000))
  },
  mends: async ({ lab }) => {
    lab.setConf('standby', { max_connections: '80' })
    await lab.restart('standby')
  },
})

state('server-crashed', {
  breaks: async ({ lab }) => {
    const victim = await lab.session('primary', 'login-1', 'app')
    const [row] = await victim.rows('select pg_backend_pid() as pid')
    process.kill(Number(row?.['pid']), 'SIGKILL')
    await waitUntil('the crash', () => Promise.resolve(/was terminated by signal 9/.test(lab.log('primary'))))
    await victim[Symbol.asyncDispose]().catch(() => undefined)
  },
})

state('replay-cancels-queries', {
  prepares: async (lab) =>
    reloadWith(lab, 'standby', { max_standby_streaming_delay: '0', hot_standby_feedback: 'off' }),
  breaks: async (doing) => {
    for (let n = 1; n <= 4; n += 1)
      await waiting(doing, 'standby', `report-${n}`, 'select count(*), pg_sleep(30) from users')
    await waitUntil('the reports to run', async () => {
      const running =
        "select count(*) as n from pg_stat_activity where application_name like 'report-%' and state = 'active'"
      const [row] = await doing.lab.rows('standby', running)
      return Number(row?.['n']) === 4
    })
    await doing.lab.rows('primary', 'begin; lock table users in access exclusive mode; commit')
  },
})
