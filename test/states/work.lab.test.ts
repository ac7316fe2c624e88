import { isLong, session, waiting } from './doing.ts'
import { state } from './state.ts'

state('transaction-forgotten', {
  shows: (snapshot) => isLong(snapshot, 'migration'),
  breaks: async (doing) => {
    const forgotten = await session(doing, 'primary', 'migration')
    await forgotten.rows('begin; alter table users alter column last_login set default now()')
    for (let n = 1; n <= 4; n += 1) await waiting(doing, 'primary', `login-${n}`, 'select count(*) from users')
  },
  mends: async ({ lab }) =>
    lab.rows('primary', `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'migration'`),
})

state('sessions-used-up', {
  breaks: async (doing) => {
    for (let n = 1; n <= 52; n += 1) await session(doing, 'primary', `login-${n}`)
  },
  mends: async ({ lab }) =>
    lab.rows('primary', `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'login-%'`),
})

state('index-invalid', {
  breaks: async ({ lab }) => {
    await lab.rows('primary', `update users set password_hash = 'same' where id < 10`)
    await lab
      .rows('primary', 'create unique index concurrently users_hash_idx on users (password_hash)')
      .catch(() => undefined)
  },
  mends: async ({ lab }) => lab.rows('primary', 'drop index concurrently users_hash_idx'),
})

state('page-damaged', {
  breaks: async ({ lab }) => {
    await lab.damage('primary', 'orders', { page: 1, offset: 200, length: 16 })
    const read = "set application_name = 'login-1'; select sum(amount) from orders"
    for (let n = 0; n < 2; n += 1) await lab.rows('primary', read).catch(() => undefined)
  },
})
