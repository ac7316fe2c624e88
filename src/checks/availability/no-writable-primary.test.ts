import { expect, test } from 'vitest'
import {
  findingsBeside,
  findingsOf,
  host,
  logEntry,
  logs,
  node,
  snapshot,
  subscriptionState,
  t0,
} from '../../../test/builders.ts'
import type { PostgresFacts } from '../../core/facts/postgres/index.ts'
import { unseen, seen } from '../../core/observation.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import check from './no-writable-primary.ts'

const off: Partial<PostgresFacts> = { receiver: [], subscriptionStates: [subscriptionState({ workerPid: null })] }
/** These nodes are silent from here; the rest see what `off` says. */
const silent = (
  names: readonly string[],
  cluster = snapshot({ standby: off, subscriber: off }),
  reached = false,
): Snapshot => ({
  ...cluster,
  nodes: cluster.nodes.map((each) =>
    names.includes(each.name)
      ? { ...each, facts: { ...each.facts, server: unseen('unreachable', 'silence', 'look') } }
      : each,
  ),
  facts: {
    ...cluster.facts,
    paths: seen(
      t0,
      cluster.nodes.map(({ name }) => ({
        from: 'here',
        node: name,
        atMs: t0,
        ok: !names.includes(name),
        reached: reached || !names.includes(name),
        ms: 1,
        detail: null,
      })),
    ),
  },
})

test('a primary that is gone is critical, with what each node says', () => {
  expect(findingsBeside(check, silent(['primary']), { unansweredMs: { primary: 11_000 } })).toMatchObject([
    {
      subject: 'primary',
      severity: 'critical',
      evidence: { primary: 'no answer for 11 s', standby: 'in recovery' },
      remedy: expect.stringContaining('on standby: select pg_promote();'),
    },
  ])
})

test('a primary that refuses writes by default is found', () => {
  const settings = { default_transaction_read_only: 'on' }
  expect(findingsOf(check, snapshot({ primary: { settings } }))).toMatchObject([
    { subject: 'primary', message: expect.stringContaining('default_transaction_read_only on') },
  ])
})

test('a reading role that may only read says nothing of the others', () => {
  const settings = { default_transaction_read_only: 'on' }
  const own = { role: 'antemortem', database: null, name: 'default_transaction_read_only', value: 'on' }
  expect(findingsOf(check, snapshot({ primary: { settings, roleSettings: [own] } }))).toEqual([])
})

test('all in recovery is found, though each of them answers', () => {
  const demoted = snapshot()
  const nodes = demoted.nodes.map((each) => (each.name === 'primary' ? node('primary', 'standby') : each))
  expect(findingsOf(check, { ...demoted, nodes })).toMatchObject([{ evidence: { primary: 'in recovery' } }])
})

test('a lone primary is dead where its own host says so', () => {
  const alone = snapshot({ facts: { hosts: { hosts: [host('primary', { postmaster: 'absent' })], blind: [] } } })
  const cluster = { ...alone, nodes: alone.nodes.filter(({ name }) => name === 'primary') }
  expect(findingsOf(check, silent(['primary'], cluster))).toHaveLength(1)
})

test('the first seconds of a planned restart or of a switchover are no finding', () => {
  expect(findingsBeside(check, silent(['primary']), { unansweredMs: { primary: 9000 } })).toEqual([])
  const demoted = snapshot()
  const fresh = node('primary', 'standby')
  const { server } = fresh.facts
  if (!server.seen) throw new Error('no server')
  const now = { ...fresh, facts: { ...fresh.facts, server: seen(t0, { ...server.value, startedMs: t0 - 3000 }) } }
  const nodes = demoted.nodes.map((each) => (each.name === 'primary' ? now : each))
  expect(findingsOf(check, { ...demoted, nodes })).toEqual([])
})

test.each([
  ['a healthy cluster, idle or not', snapshot()],
  ['a standby that does not answer', silent(['standby'], snapshot())],
  ['a primary that still streams to others', silent(['primary'], snapshot())],
  ['a primary that refuses only our login', silent(['primary'], undefined, true)],
  ['a watcher that sees nobody', silent(['primary', 'standby', 'subscriber'])],
])('%s: no finding', (_, cluster) => {
  expect(findingsOf(check, cluster)).toEqual([])
})

test('after a failover the old primary may stay silent', () => {
  const cluster = silent(['primary'])
  const nodes = cluster.nodes.map((each) => (each.name === 'standby' ? node('standby', 'primary') : each))
  expect(findingsOf(check, { ...cluster, nodes })).toEqual([])
})

test('a primary that was told to stop has half a minute, one that died has not', () => {
  const said = logs([
    logEntry('primary', { severity: 'LOG', message: 'received fast shutdown request', lastMs: t0 - 20_000 }),
  ])
  const found = (cluster: Snapshot) => findingsBeside(check, cluster, { unansweredMs: { primary: 20_000 } })
  expect(found(silent(['primary'], snapshot({ standby: off, subscriber: off, facts: { logs: said } })))).toEqual([])
  expect(found(silent(['primary']))).toHaveLength(1)
})
