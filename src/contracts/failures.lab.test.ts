import { beforeAll, expect, test } from 'vitest'
import { hasOpenssl } from '../../test/certificates.ts'
import { contractFailures, type ContractFailure, type ContractFailureId } from '../../test/contract-failures.ts'
import { hasPgbouncer } from '../../test/pgbouncer.ts'
import { testLab } from '../lab/testing.ts'
import { waitUntil } from '../lab/wait.ts'
import { breakPooler } from './testing/break-pooler.ts'
import { breakReplication, standbyLogin } from './testing/break-replication.ts'
import { breakServer } from './testing/break-server.ts'
import { breakTls } from './testing/break-tls.ts'
import { breakWay } from './testing/break-way.ts'
import { lab, tryIt, useLab, type Break } from './testing/scene.ts'

beforeAll(async () => useLab(await testLab()))

const breaks: Readonly<Record<ContractFailureId, Break>> = {
  ...breakWay,
  ...breakTls,
  ...breakServer,
  ...breakReplication,
  ...breakPooler,
}

const rows: readonly (readonly [ContractFailureId, ContractFailure])[] = Object.entries(contractFailures).flatMap(
  ([id, failure]) => {
    const known = Object.keys(breaks).find((each): each is ContractFailureId => each === id)
    return known === undefined ? [] : [[known, failure] as const]
  },
)

const isThere = (id: string): boolean =>
  (!/^tls-(?!none)/.test(id) || hasOpenssl) && (!id.startsWith('pooler-') || hasPgbouncer)

test.each(rows.filter(([id]) => isThere(id)))(
  '%s is told by its layer, its code and what to do',
  async (id, failure) => {
    const { what: _, layer, code, remedy } = failure
    await using mend = new AsyncDisposableStack()
    const broken = await breaks[id](mend)
    let tested = await tryIt(broken)
    // A timeout of a millisecond is not met by every statement of a quick server.
    for (let n = 0; n < 20 && id.startsWith('idle-') && tested.fact.ok; n += 1) tested = await tryIt(broken)
    expect(tested.fact).toMatchObject({ ok: false, layer, code })
    expect(tested.remedy).toContain(remedy)
    const told = JSON.stringify(tested)
    for (const role of ['app', 'replicator']) expect(told).not.toContain(lab.password(role))
  },
)

test('and when all of it is mended, nothing is left', async () => {
  await waitUntil('the contract holds again', async () => (await tryIt({})).fact.ok)
  const mine = `select count(*)::int as n from pg_stat_activity where application_name in ('antemortem-probe', 'antemortem-contract')`
  await waitUntil('no session of a test', async () => (await lab.rows('primary', mine))[0]?.['n'] === 0)
  expect((await tryIt({})).notes.filter(({ severity }) => severity !== 'info')).toEqual([])
})

test('a standby’s own login is tried as its receiver makes it, and gives its walsender back', async () => {
  const { fact, notes, remedy } = await tryIt({ conf: standbyLogin() })
  expect(fact).toMatchObject({ ok: true, role: 'replicator', layer: null })
  expect([remedy, notes.map(({ about, severity }) => `${about} ${severity}`)]).toEqual([
    null,
    ['tls info', 'replication info'],
  ])
  const held = `select count(*)::int as n from pg_stat_replication where application_name like 'antemortem%'`
  await waitUntil('its walsender is gone', async () => (await lab.rows('primary', held))[0]?.['n'] === 0)
})
