import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './stricter-subscriber.ts'

test.each([
  [
    `-- antemortem:on subscriber
create unique index on users (password_hash)`,
    { cluster: {} },
    ['error subscriber:public.users @ subscriber'],
  ],
  [
    `-- antemortem:on subscriber
alter table users alter column password_hash set not null`,
    { cluster: {} },
    ['error subscriber:public.users @ subscriber'],
  ],
  [
    `-- antemortem:on subscriber
alter table users add constraint small check (id < 5)`,
    { cluster: {} },
    ['error subscriber:public.users @ subscriber'],
  ],
  [
    `-- antemortem:on subscriber
alter table users enable row level security`,
    { cluster: {} },
    ['warning subscriber:public.users @ subscriber'],
  ],
])('%j: what only the subscriber demands is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `-- antemortem:on subscriber, primary
alter table users alter column password_hash set not null`,
    { cluster: {} },
    [],
  ],
  [
    `-- antemortem:on subscriber
create unique index on users (id)`,
    { cluster: {} },
    [],
  ],
  [
    `-- antemortem:on subscriber
create index on users (password_hash)`,
    { cluster: {} },
    [],
  ],
  [
    `-- antemortem:on subscriber
create unique index on report (day)`,
    { cluster: {} },
    [],
  ],
])(
  '%j: what the publisher demands as well, a plain index and a table that is not carried are well',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)
