import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readAddress, roundTrip } from '../../engines/postgres/index.ts'
import { Session } from '../../lab/sql.ts'
import { waitUntil } from '../../lab/wait.ts'
import { app, by, fromOutside, hold, lab, other, resetPassword, type Break, type Broken } from './scene.ts'

/** So few places that they can be taken. */
const crowded =
  (roles: readonly ('app' | 'admin')[]): Break =>
  async (mend) => {
    mend.defer(async () => {
      lab.setConf('primary', { max_connections: '60' })
      await lab.restart('primary')
    })
    lab.setConf('primary', { max_connections: '12', superuser_reserved_connections: '3' })
    await lab.restart('primary')
    for (const role of roles)
      for (;;)
        try {
          const options = '?options=-c%20statement_timeout%3D60s'
          mend.use(await Session.open(`${lab.url('primary', role)}${options}`))
        } catch {
          break
        }
    return {}
  }

/** A standby that waits for an archive before it is anything. */
const waitingForArchive: Break = async (mend) => {
  await lab.stop('standby', 'fast')
  lab.setConf('standby', { restore_command: 'sleep 30; false' })
  const stop = new AbortController()
  const started = lab.start('standby', stop.signal).catch(() => undefined)
  await waitUntil('its port is open', async () => {
    const trip = await roundTrip(readAddress(lab.url('standby', 'app')), { signal: stop.signal, deadlineMs: 1_000 })
    return typeof trip === 'number'
  })
  mend.defer(async () => {
    stop.abort()
    await started
    lab.setConf('standby', { restore_command: '' })
    await lab.start('standby')
  })
  return { node: 'standby' }
}

const standbyWith = async (
  mend: AsyncDisposableStack,
  settings: Record<string, string>,
  back: Record<string, string>,
): Promise<void> => {
  mend.defer(async () => {
    lab.setConf('standby', back)
    await lab.restart('standby')
  })
  lab.setConf('standby', settings)
  await lab.stop('standby', 'fast')
  // A standby that takes no sessions refuses to start with a slot that it keeps for a subscriber.
  if (settings['hot_standby'] === 'off')
    rmSync(join(lab.node('standby').dataDir, 'pg_replslot/reports_sub'), { recursive: true })
  await lab.start('standby')
}

/** Waits for the canary, and does something to its process. */
const whileItSleeps = (node: string, act: (pid: number) => Promise<unknown>): Broken => ({
  node,
  contract: { canary: 'select pg_sleep(20) from users limit 1' },
  settings: 'DB_QUERY_TIMEOUT_MS=20000\n',
  meanwhile: async () => {
    const asleep = `select pid from pg_stat_activity where query like '%pg_sleep(20)%' and pid <> pg_backend_pid() and state = 'active'`
    await waitUntil('the canary runs', async () => (await lab.rows(node, asleep)).length > 0)
    const [row] = await lab.rows(node, asleep)
    await act(Number(row?.['pid']))
  },
})

const reloaded =
  (file: string, text: string): Break =>
  async (mend) => {
    const path = join(lab.node('primary').dataDir, file)
    const before = readFileSync(path, 'utf8')
    mend.defer(async () => {
      writeFileSync(path, before)
      lab.reload('primary')
      await waitUntil('app gets in again', async () => {
        await using _ = await Session.open(app())
        return true
      })
    })
    lab.addAccessRules('primary', [text], 'top')
    lab.reload('primary')
    await waitUntil('the rule counts', async () => {
      try {
        await using _ = await Session.open(app())
        return false
      } catch {
        return true
      }
    })
    return {}
  }

/** At the server: who is let in, whether there is room, and what a session may do. */
export const breakServer = {
  'access-rule': reloaded('pg_hba.conf', 'host all app all reject'),
  nologin: by('alter role app nologin', 'alter role app login'),
  password: other((url) => ({ url: url.replace(lab.password('app'), 'wrong') })),
  'unknown-role': other((url) => ({ url: url.replace('//app:', '//nobody:') })),
  'valid-until': by("alter role app valid until '2020-01-01'", "alter role app valid until 'infinity'"),
  'md5-verifier': async (mend) =>
    by(`set password_encryption = 'md5'; alter role app password '${lab.password('app')}'`, resetPassword())(mend),
  'no-password': other((url) => ({ url: url.replace(`:${lab.password('app')}@`, '@') })),
  database: other((url) => ({ url: url.replace('/auth', '/autth') })),
  'database-closed': fromOutside(
    "update pg_database set datallowconn = false where datname = 'auth'",
    "update pg_database set datallowconn = true where datname = 'auth'",
  ),
  'connect-revoked': fromOutside(
    'revoke connect on database auth from public, app; grant connect on database auth to antemortem',
    'grant connect on database auth to public, app',
  ),
  'role-limit': by('alter role app connection limit 0', 'alter role app connection limit -1'),
  'database-limit': fromOutside('alter database auth connection limit 0', 'alter database auth connection limit -1'),
  'reserved-slots': crowded(['app']),
  'too-many-clients': crowded(['app', 'admin']),
  starting: waitingForArchive,
  'hot-standby-off': async (mend) => {
    await standbyWith(
      mend,
      { hot_standby: 'off', sync_replication_slots: 'off' },
      { hot_standby: 'on', sync_replication_slots: 'on' },
    )
    return { node: 'standby' }
  },
  terminated: () => ({ contract: { canary: 'select pg_terminate_backend(pg_backend_pid()), pg_sleep(1)' } }),
  // Whoever is left is told by a warning only, and cut off: 57P02 is no error that a driver would show.
  crash: () =>
    whileItSleeps('reports', async () => {
      const [row] = await lab.rows('reports', "select pid from pg_stat_activity where backend_type = 'checkpointer'")
      process.kill(Number(row?.['pid']), 'SIGKILL')
    }),
  'idle-session': async (mend) => {
    await by('alter role app set idle_session_timeout = 1', 'alter role app reset idle_session_timeout')(mend)
    return {}
  },
  'idle-transaction': by(
    'alter role app set idle_in_transaction_session_timeout = 1',
    'alter role app reset idle_in_transaction_session_timeout',
  ),
  'recovery-conflict': async (mend) => {
    await standbyWith(mend, { max_standby_streaming_delay: '0' }, { max_standby_streaming_delay: '30s' })
    return whileItSleeps('standby', async () =>
      lab.rows(
        'primary',
        'begin; lock table users in access exclusive mode; alter table users set (fillfactor = 90); commit',
      ),
    )
  },
  'read-only-default': by(
    'alter role app set default_transaction_read_only = on',
    'alter role app reset default_transaction_read_only',
  ),
  standby: () => ({ url: lab.url('standby', 'app') }),
  'canary-writes': () => ({ contract: { canary: "select nextval('orders_id_seq')" } }),
  'no-writes': by(
    'alter table users owner to postgres; revoke all on users from app; grant select on users to app',
    'alter table users owner to app',
    { contract: { writes: ['users'] } },
  ),
  'search-path': by('alter role app set search_path = elsewhere', 'alter role app reset search_path'),
  renamed: by('alter table users rename to people', 'alter table people rename to users'),
  privilege: by('alter table users owner to postgres; revoke all on users from app', 'alter table users owner to app'),
  'own-timeout': by('alter role app set statement_timeout = 1', 'alter role app reset statement_timeout', {
    contract: { canary: 'select pg_sleep(0.2)' },
  }),
  slow: () => ({ contract: { canary: 'select pg_sleep(3)' } }),
  lock: async (mend) => {
    await hold(mend, lab.url('primary', 'admin'), 'begin; lock table users')
    return {}
  },
  'unknown-option': other((url) => ({ url: `${url}?options=-c%20sarch_path%3Dx` })),
  'pool-sum': () => ({ settings: 'DB_POOL_MAX=90\n' }),
} satisfies Readonly<Record<string, Break>>
