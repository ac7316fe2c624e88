import { beforeEach, expect, test } from 'vitest'
import type { ClusterConfig, InvariantConfig } from '../core/configuration.ts'
import type { InvariantFact } from '../core/facts/cluster.ts'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import { waitUntil } from '../lab/wait.ts'
import { Invariants } from './invariants.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

const invariant = (
  name: string,
  sql: string,
  expected: string,
  on: readonly string[] = ['primary'],
): InvariantConfig => ({
  name,
  sql,
  expect: expected,
  on,
})

function cluster(invariants: readonly InvariantConfig[]): ClusterConfig {
  const nodes = lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'watch'), act: null, host: null }))
  return { name: 'auth', engine: 'postgres', nodes, contracts: [], fence: 'message', invariants }
}

async function asked(
  invariants: readonly InvariantConfig[],
  what: (invariants: Invariants, tick: (ms: number) => void) => Promise<void> = () => Promise.resolve(),
): Promise<readonly InvariantFact[]> {
  const ended = new AbortController()
  let nowMs = 1_000_000
  const rules = new Invariants(cluster(invariants), () => nowMs, ended.signal)
  try {
    rules.start(() => undefined)
    await waitUntil('every rule to be asked', () => Promise.resolve(rules.isSettled))
    await what(rules, (ms) => (nowMs += ms))
    const facts = rules.facts(nowMs)
    return facts.seen ? facts.value : []
  } finally {
    ended.abort()
    await rules.close()
  }
}

test('a rule is asked on each of its nodes, with the names that the role itself would find', async () => {
  const facts = await asked([invariant('users', 'select count(*) from users', '1000', [])])
  expect(facts.map(({ node, value, ok, problem }) => [node, value, ok, problem])).toEqual([
    ['primary', '1000', true, null],
    ['standby', '1000', true, null],
    ['reports', '1000', true, null],
  ])
})

test('any one value is compared as text; what is no such value says why', async () => {
  await lab.rows('primary', 'revoke select on orders from antemortem')
  const facts = await asked([
    invariant('boolean', 'with x as (select true as ok) select ok from x -- all of them', 'true'),
    invariant('wrong', 'select 2', '1'),
    invariant('null', 'select null::text', ''),
    invariant('none', 'select 1 where false', '1'),
    invariant('several', 'select generate_series(1, 3)', '1'),
    invariant('broken', 'select nothing from nowhere', '1'),
    invariant('hidden', 'select count(*) from orders', '1'),
  ])
  expect(facts.map(({ name, value, ok }) => [name, value, ok])).toEqual([
    ['boolean', 'true', true],
    ['wrong', '2', false],
    ['null', null, false],
    ['none', null, false],
    ['several', null, false],
    ['broken', null, false],
    ['hidden', null, false],
  ])
  expect(facts.map(({ problem }) => problem)).toEqual([
    null,
    null,
    null,
    expect.stringContaining('no row'),
    expect.stringContaining('more than one row'),
    expect.stringContaining('relation "nowhere" does not exist'),
    expect.stringContaining('permission denied'),
  ])
})

test('a rule can write nothing, and one that never ends is ended by the server', { timeout: 30_000 }, async () => {
  await lab.rows('primary', 'create function sneak() returns int language sql as $$ delete from users; select 1 $$')
  await lab.rows('primary', 'grant delete on users to antemortem')
  const facts = await asked([
    invariant('function', 'select sneak()', '1'),
    invariant('statement', 'with gone as (delete from users returning 1) select count(*) from gone', '1000'),
    invariant('escape', 'select 1) as x(y); delete from users; select (1', '1'),
    invariant('slow', "select pg_sleep(60)::text || 'x'", 'x'),
    invariant('after', 'select count(*) from users', '1000'),
  ])
  expect(facts.map(({ problem }) => problem)).toEqual([
    expect.stringContaining('read-only transaction'),
    expect.stringMatching(/syntax error|top level/),
    expect.anything(),
    expect.stringContaining('statement timeout'),
    null,
  ])
  expect(await lab.rows('primary', 'select count(*)::int as n from users')).toEqual([{ n: 1000 }])
})

test('it is asked again after a minute, not sooner, and after its server was away', async () => {
  const facts = await asked([invariant('orders', 'select count(*) from orders', '2000')], async (rules, tick) => {
    await lab.rows('primary', 'delete from orders where id = 1')
    tick(59_000)
    rules.start(() => undefined)
    expect(rules.facts(0)).toMatchObject({ value: [{ ok: true }] })
    await lab.restart('primary')
    tick(1_000)
    await waitUntil('the next answer', () => {
      rules.start(() => undefined)
      const now = rules.facts(0)
      if (now.seen && now.value[0]?.problem) tick(60_000)
      return Promise.resolve(now.seen && now.value[0]?.value === '1999')
    })
  })
  expect(facts).toMatchObject([{ value: '1999', ok: false, problem: null }])
})
