import { describedAnew, newUser } from './doing.ts'
import { state } from './state.ts'

state('subscription-disabled', {
  breaks: async ({ lab }) => {
    await lab.rows('reports', 'alter subscription reports_sub disable')
    await lab.rows('primary', newUser(6000))
  },
  mends: async ({ lab }) => lab.rows('reports', 'alter subscription reports_sub enable'),
})

state('apply-conflict', {
  breaks: async ({ lab }) => {
    await lab.rows('reports', newUser(6000))
    await lab.rows('primary', newUser(6000))
  },
  mends: async ({ lab }) => lab.rows('reports', 'delete from users where id = 6000'),
})

state('column-missing-on-subscriber', {
  breaks: async ({ lab }) => {
    await lab.rows('primary', 'alter table users add column email text')
    await lab.rows('primary', newUser(6000))
  },
  mends: async ({ lab }) => lab.rows('reports', 'alter table users add column email text'),
})

state('table-not-published', {
  breaks: async ({ lab }) => {
    const create = 'create table logins (id int primary key, at timestamptz not null default now())'
    for (const node of ['primary', 'reports']) await lab.rows(node, create)
    await lab.rows('primary', 'insert into logins (id) select generate_series(1, 20)')
  },
  mends: async ({ lab }) => {
    await lab.rows('primary', 'alter publication auth_pub add table logins')
    await lab.rows('reports', 'alter subscription reports_sub refresh publication')
  },
})

state('replica-identity-missing', {
  breaks: async ({ lab }) => {
    for (const node of ['reports', 'primary']) await lab.rows(node, 'create table logins (id int, at timestamptz)')
    await lab.rows('primary', 'insert into logins values (1, now()); alter publication auth_pub add table logins')
    await lab.rows('reports', 'alter subscription reports_sub refresh publication')
    const update = "set application_name = 'login-1'; update logins set at = now()"
    for (let n = 0; n < 3; n += 1) await lab.rows('primary', update).catch(() => undefined)
  },
  mends: async ({ lab }) => {
    for (const node of ['reports', 'primary']) await lab.rows(node, 'alter table logins add primary key (id)')
  },
})

state('sequence-behind', {
  prepares: async (lab) => {
    await lab.rows('reports', `select setval('orders_id_seq', 2000)`)
  },
  breaks: async ({ lab }) => {
    await lab.rows('primary', 'insert into orders (user_id, amount) select 1, n from generate_series(1, 100) n')
    await describedAnew(lab, 'primary', 'reports')
  },
  mends: async ({ lab }) => {
    await lab.rows('reports', `select setval('orders_id_seq', 4000)`)
    await describedAnew(lab, 'reports')
  },
})

state('rows-deleted-on-subscriber', {
  breaks: async ({ lab }) => {
    // What a change touches is compared; that somebody cleaned up on the wrong node comes out with it.
    await lab.rows('reports', 'delete from sessions where user_id < 100')
    await lab.rows('primary', 'alter table sessions alter column ended_at set default null')
    await lab.rows('reports', 'alter table sessions alter column ended_at set default null')
    await lab.rows('primary', 'create index sessions_started_at_idx on sessions (started_at)')
  },
})

state('first-copy-fails', {
  breaks: async ({ lab }) => {
    for (const node of ['reports', 'primary'])
      await lab.rows(node, 'create table logins (id int primary key); insert into logins values (1)')
    await lab.rows('primary', 'alter publication auth_pub add table logins')
    await lab.rows('reports', 'alter subscription reports_sub refresh publication')
  },
  mends: async ({ lab }) => lab.rows('reports', 'delete from logins'),
})
