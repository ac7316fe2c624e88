import { describe, expect, test } from 'vitest'
import {
  change,
  contract,
  contracts,
  finding,
  outcomes,
  settingsFile,
  snapshot,
  t0,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'
import type { ContractFact, OutcomesFact, SettingsFileFact } from '../../../core/facts/cluster.ts'

const id = 'connection/settings-changed'
const nodes = ['primary', 'standby', 'subscriber']

/** The old settings were tried again. */
const tried = (file: SettingsFileFact, oldWorks: boolean): SettingsFileFact => ({
  ...file,
  keys: file.keys.map((key) => (key.lastGood === key.value ? key : { ...key, oldWorks })),
})

/** Logins of one instance fail everywhere. */
const oneFails = (code: string, instances: readonly string[] = ['app1']): OutcomesFact => {
  const all = outcomes({ primary: code, standby: code, subscriber: code })
  return {
    ...all,
    seconds: all.seconds.map((second) => ({
      ...second,
      cells: second.cells.map((cell) => (instances.includes(cell.instance) ? cell : { ...cell, code: 'ok' })),
    })),
  }
}

const failing = (more: Partial<ContractFact>, instance = 'app1') =>
  nodes.map((node) => contract(node, { instance, ok: false, failures: 3, ...more }))
const others = ['app2', 'app3'].flatMap((instance) => nodes.map((node) => contract(node, { instance })))
const rewritten = (key: string) =>
  change(`/srv/app1.env#${key}`, { id: key, kind: 'connection', source: 'file', before: 'old', after: 'new' })
const hurt = nodes.flatMap((node) => [
  finding('connections/contract', { node, subject: `contract login:app1→${node}` }),
  finding('application/outcomes', { node, subject: node }),
])

const port = tried(settingsFile('app1', { DB_PORT: ['5432', '5499'], DB_HOST: 'db' }), true)
const untouched = ['app2', 'app3'].map((instance) => settingsFile(instance, { DB_PORT: '5432' }))
const refused = failing({ layer: 'tcp', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' })

const seed = (facts: Cluster['facts'] = {}, cluster: Cluster = {}) =>
  snapshot({
    ...cluster,
    facts: {
      files: [port, ...untouched],
      contracts: [...refused, ...others],
      outcomes: oneFails('ECONNREFUSED'),
      ...facts,
    },
  })

describe('seed 2: one instance of three, its port rewritten', () => {
  const diagnosis = diagnosed({ snapshot: seed(), changes: [rewritten('DB_PORT')], findings: hurt })

  test('is confirmed, with file, key and change, and nothing else is', () => {
    expect(named(diagnosis)).toEqual([`${id} confirmed`])
    expect(diagnosis.verdict).toBe('confirmed')
    expect(diagnosis.causes[0]).toMatchObject({
      subject: '/srv/app1.env#DB_PORT',
      trigger: 'DB_PORT',
      explains: ['application/outcomes', 'connections/contract'],
    })
    expect(diagnosis.unexplained).toEqual([])
  })

  test('gives the old value back', () => {
    expect(diagnosis.causes[0]?.remedy.commands).toEqual(['in /srv/app1.env: DB_PORT=5432'])
  })

  test('is probable where the new settings work in the watcher’s own hands', () => {
    const old = refused.map((result) => ({ ...result, ok: true, layer: null, failures: 0 }))
    const found = diagnosed({
      snapshot: seed({ contracts: [...old, ...others] }),
      changes: [rewritten('DB_PORT')],
      findings: hurt,
    })
    expect(named(found)).toEqual([`${id} probable`])
  })
})

describe('what it cannot do without', () => {
  const said = (facts: Cluster['facts'], more = {}) =>
    named(diagnosed({ snapshot: seed(facts), changes: [rewritten('DB_PORT')], findings: hurt, ...more }))

  test('(a) the old settings were not tried, or do not work either', () => {
    const file = settingsFile('app1', { DB_PORT: ['5432', '5499'] })
    expect(said({ files: [file, ...untouched] })).toContain(`${id} probable`)
    const both = said({ files: [tried(file, false), ...untouched] })
    expect(both).toContain(`${id} ruled-out`)
  })

  test('(b) nothing is known good', () => {
    expect(said({}, { lastGoodMs: null })).toEqual([`${id} probable`])
  })

  test('(c) nobody is hurt: a finding, no cause', () => {
    expect(said({ contracts: [...contracts(), ...others], outcomes: outcomes({}) }, { findings: [] })).toEqual([
      `${id} possible`,
    ])
  })
})

describe('the key is the one that explains the layer', () => {
  const file = (keys: Parameters<typeof settingsFile>[1]) => tried(settingsFile('app1', keys), true)
  const cause = (keys: Parameters<typeof settingsFile>[1], more: Partial<ContractFact>) =>
    diagnosed({
      snapshot: seed({
        files: [file(keys), ...untouched],
        contracts: [...failing(more), ...others],
        outcomes: oneFails(more.code ?? 'CLIENT_OTHER'),
      }),
      findings: hurt,
    }).causes.find((each) => each.id === id)

  const all = {
    DB_PORT: ['5432', '5433'],
    DB_NAME: ['auth', 'app_prod'],
    DB_PASSWORD: ['#1', '#2'],
    DB_SSLMODE: ['disable', 'require'],
    DB_POOL_MAX: ['10', '11'],
  } as const
  test.each([
    ['DB_NAME', { layer: 'database', code: '3D000', message: 'database "app_prod" does not exist' }],
    ['DB_PASSWORD', { layer: 'auth', code: '28P01', message: 'password authentication failed' }],
    ['DB_SSLMODE', { layer: 'tls', code: null, message: 'The server does not support SSL connections' }],
    ['DB_PORT', { layer: 'role', code: '25006', message: 'db:5433: it is a standby, and the contract writes' }],
    ['DB_PORT', { layer: 'tcp', code: 'ECONNREFUSED', message: 'refused' }],
  ] as const)('%s', (key, more) => {
    expect(cause(all, more)).toMatchObject({ subject: `/srv/app1.env#${key}`, verdict: 'confirmed' })
    expect(cause({ [key]: all[key] }, more)).toMatchObject({ verdict: 'confirmed' })
  })

  test('of two URLs the one that names the node', () => {
    const urls = { READ_REPORTS_URL: ['a', 'b'], READ_STANDBY_URL: ['a', 'b'] } as const
    const found = diagnosed({
      snapshot: seed({
        files: [file(urls)],
        contracts: [contract('standby', { ok: false, layer: 'tcp', code: 'ECONNREFUSED' })],
        outcomes: outcomes({}),
      }),
    })
    expect(found.causes.find((each) => each.id === id)?.subject).toBe('/srv/app1.env#READ_STANDBY_URL')
  })

  test('a key that cannot give this layer does not explain it', () => {
    expect(cause({ DB_POOL_MAX: ['10', '11'] }, { layer: 'auth', code: '28P01' })?.verdict).toBe('possible')
  })
})

describe('what looks alike', () => {
  const said = (snap: ReturnType<typeof snapshot>, more = {}) => named(diagnosed({ snapshot: snap, ...more }))

  test('instances whose files are as they were fail alike: the server’s side', () => {
    const everywhere = ['app1', 'app2', 'app3'].flatMap((instance) =>
      failing({ layer: 'tcp', code: 'ECONNREFUSED' }, instance),
    )
    const told = outcomes({ primary: 'ECONNREFUSED', standby: 'ECONNREFUSED', subscriber: 'ECONNREFUSED' })
    expect(said(seed({ contracts: everywhere, outcomes: told }))).not.toContain(`${id} confirmed`)
  })

  test('it failed before its file was written, or long after', () => {
    const at = (sinceMs: number) => hurt.map((each) => ({ ...each, sinceMs }))
    const only = { outcomes: outcomes({}) }
    const changes = [{ ...rewritten('DB_PORT'), notBeforeMs: t0 - 100_000, atMs: t0 - 99_000 }]
    const more = { changes, lastGoodMs: t0 - 300_000 }
    expect(said(seed(only), { ...more, findings: at(t0 - 120_000) })).not.toContain(`${id} confirmed`)
    expect(said(seed(only), { ...more, findings: at(t0 - 1000) })).not.toContain(`${id} confirmed`)
    expect(said(seed(only), { ...more, findings: at(t0 - 98_000) })).toContain(`${id} confirmed`)
  })

  test('a lock beside a harmless change of timeouts is the lock', () => {
    const blocked = [1, 2, 3].map((pid) => ({
      pid: 100 + pid,
      role: 'app',
      waitMs: 4000,
      blockerPid: 9,
      blockerRole: 'nightly',
      blockerState: 'idle in transaction',
      blockerXactMs: 5000,
      relation: 'public.users',
    }))
    const files = ['app1', 'app2', 'app3'].map((instance) =>
      tried(settingsFile(instance, { DB_QUERY_TIMEOUT_MS: ['5000', '2000'] }), true),
    )
    const facts = {
      files,
      contracts: contracts(),
      outcomes: outcomes({ primary: 'CLIENT_TIMEOUT' }),
    }
    const findings = [finding('application/outcomes', { node: 'primary', subject: 'primary' })]
    const found = diagnosed({ snapshot: seed(facts, { primary: { blocked } }), findings })
    expect(named(found)).toEqual(['contention/lock confirmed', `${id} possible`])
  })
})

describe('limits of the client’s own', () => {
  const all = ['app1', 'app2', 'app3']
  const files = (now: string) =>
    all.map((instance) => settingsFile(instance, { DB_QUERY_TIMEOUT_MS: ['2000', now], DB_POOL_MAX: ['10', '1'] }))
  const told = outcomes({ primary: 'CLIENT_TIMEOUT', standby: 'CLIENT_TIMEOUT', subscriber: 'CLIENT_TIMEOUT' })
  const answers = all.flatMap((instance) => nodes.map((node) => contract(node, { instance, ms: 240 })))
  const said = (now: string, contractsNow = answers) =>
    diagnosed({
      snapshot: snapshot({ facts: { files: files(now), contracts: contractsNow, outcomes: told } }),
      findings: nodes.map((node) => finding('application/outcomes', { node, subject: node })),
    })

  test('a query timeout shorter than one answer takes on its way is the cause, the slow way is not', () => {
    const diagnosis = said('20')
    expect(diagnosis.verdict).toBe('confirmed')
    expect(diagnosis.causes[0]).toMatchObject({ id, subject: '/srv/app1.env#DB_QUERY_TIMEOUT_MS' })
    expect(named(diagnosis)).toEqual([`${id} confirmed`])
  })

  test('also where the way is too slow for the contract, with the old settings as with the new', () => {
    const late = answers.map((result) => ({
      ...result,
      ok: false,
      layer: 'latency' as const,
      ms: 300,
      roundTripMs: 41,
    }))
    const { causes } = diagnosed({
      snapshot: snapshot({
        facts: { files: files('20').map((file) => tried(file, false)), contracts: late, outcomes: told },
      }),
      findings: nodes.map((node) => finding('application/outcomes', { node, subject: node })),
    })
    expect(causes[0]).toMatchObject({ id, subject: '/srv/app1.env#DB_QUERY_TIMEOUT_MS', verdict: 'confirmed' })
  })

  test('a timeout that answers keep within coincides, no more', () => {
    expect(named(said('1000'))).toEqual([`${id} probable`])
  })
})

describe('pools that use up the server', () => {
  const all = ['app1', 'app2', 'app3']
  const files = all.map((instance) => settingsFile(instance, { DB_POOL_MAX: ['10', '200'], DB_POOL_MIN: ['0', '30'] }))
  const use = (total: number) => ({
    long: [],
    use: [
      { role: 'app', database: 'auth', application: 'login', total, active: 2, idle: total - 2, idleInTransaction: 0 },
    ],
  })
  const full = (total = 90) => ({
    sessions: { total: 97, active: 3, waitingForLock: 0, maxConnections: 100, reserved: 3 },
    activity: use(total),
  })
  const failed = nodes.map((node) =>
    contract(node, {
      ok: false,
      layer: 'capacity',
      code: '53300',
      message: 'sorry, too many clients already',
      failures: 3,
    }),
  )
  const said = (filesNow: readonly SettingsFileFact[], total = 90) =>
    diagnosed({
      snapshot: snapshot({
        primary: full(total),
        facts: { files: filesNow, contracts: failed, outcomes: outcomes({ primary: '53300' }) },
      }),
      findings: [finding('application/outcomes', { node: 'primary', subject: 'primary' })],
    })

  test('are the root, and the exhausted server follows from them', () => {
    const diagnosis = said(files)
    expect(diagnosis.causes[0]).toMatchObject({ id, verdict: 'confirmed', subject: '/srv/app1.env#DB_POOL_MAX' })
    expect(diagnosis.causes.find((each) => each.id === 'connection/exhausted')).toMatchObject({
      follows: id,
      verdict: 'possible',
    })
  })

  test('are not, where somebody else holds the sessions', () => {
    expect(named(said(files, 20))).not.toContain(`${id} confirmed`)
  })

  test('are not, where they are as they were', () => {
    const same = all.map((instance) => settingsFile(instance, { DB_POOL_MAX: '200' }))
    expect(named(said(same))[0]).toBe('connection/exhausted confirmed')
  })
})
