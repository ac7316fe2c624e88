import { expect, test } from 'vitest'
import { publication, snapshot, subscription, table } from '../../../test/builders.ts'
import { judgeReview } from './judge.ts'
import { readFiles } from './read/read-files.ts'
import { reviewRules } from './rules.generated.ts'

/** Every rule may ask of every statement about every table; done naively, this takes a quarter of an hour. */
test('a thousand statements for a cluster of two thousand tables are judged in seconds', async () => {
  const names = Array.from({ length: 2000 }, (_, n) => `t${n}`)
  const tables = names.map((name) => table(name))
  const { nodes } = snapshot({
    primary: { tables, publications: [publication(names)] },
    standby: { tables },
    subscriber: { tables, subscriptions: [subscription(names)] },
  })
  const topology = { cluster: 'auth', primary: 'primary', nodes, addresses: {}, logins: [], extensions: {} }
  const text = Array.from(
    { length: 250 },
    (_, n) => `create table new_${n} (id bigint primary key);
create index concurrently on new_${n} (id);
alter table t${n} add column extra text;
update t${n} set extra = 'x' where id = ${n};`,
  ).join('\n')
  const startedMs = performance.now()
  const input = {
    ...(await readFiles([{ name: 'm.sql', text, before: null }], topology)),
    topology,
    probes: [],
    today: '2026-01-01',
  }
  const { findings } = judgeReview(input, { rules: reviewRules, others: [], failOn: 'error' })
  expect(performance.now() - startedMs).toBeLessThan(20_000)
  // Columns that the subscriber lacks, and tables that it should have.
  expect(findings).toHaveLength(500)
})
