import { describe, expect, test } from 'vitest'
import {
  change,
  finding,
  host,
  logEntry,
  logs,
  outcomes,
  snapshot,
  t0,
  contract,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'
import { refused as dead, unreadLogs } from '../../../../test/gone.ts'
import type { Case } from '../../../core/diagnosis.ts'
import type { HostFact, LastGoodFact, LogEntryFact } from '../../../core/facts/cluster.ts'

const id = 'server/config-prevents-start'
const own = { role: null, database: null, application: null } as const
const fatal = (message: string, code: string, more: Partial<LogEntryFact> = {}) =>
  logEntry('primary', {
    ...own,
    severity: 'FATAL',
    code,
    message,
    count: 1,
    firstMs: t0 - 4000,
    lastMs: t0 - 4000,
    ...more,
  })
const shutdown = logEntry('primary', {
  ...own,
  severity: 'LOG',
  code: '00000',
  message: 'received fast shutdown request',
  firstMs: t0 - 5000,
  lastMs: t0 - 5000,
})
const missing = fatal('could not access file "pg_cron": No such file or directory', '58P01')
const lastGood: LastGoodFact = {
  atMs: t0 - 30_000,
  by: 'first',
  nodes: [
    {
      node: 'primary',
      settings: { shared_preload_libraries: '', wal_level: 'logical' },
      roleSettings: [],
      accessRulesDigest: 'rules',
      systemId: '1',
    },
  ],
}
const set = (name: string, value: string) => ({ file: 'postgresql.conf', line: 42, name, value })
const absent = (more: Partial<HostFact> = {}) =>
  host('primary', { postmaster: 'absent', pid: null, port: null, ...more })
const edited = change('primary:shared_preload_libraries', {
  kind: 'setting',
  before: '',
  after: 'pg_cron',
  source: 'file',
  atMs: t0 - 6000,
  notBeforeMs: t0 - 7000,
})
const findings = [
  finding('connections/reachable', { node: 'primary', subject: 'here→primary', sinceMs: t0 - 4000 }),
  finding('connections/contract', { node: 'primary', subject: 'contract login:app1→primary', sinceMs: t0 - 3000 }),
  finding('application/outcomes', { node: 'primary', subject: 'primary', sinceMs: t0 - 3000 }),
  finding('replication/standby-connected', { node: 'standby', severity: 'error', sinceMs: t0 - 3000 }),
  finding('replication/subscription-down', { node: 'subscriber', severity: 'error', sinceMs: t0 - 3000 }),
]
const seed = (facts: Cluster['facts'] = {}) =>
  snapshot({
    facts: {
      lastGood,
      paths: [dead],
      logs: logs([shutdown, missing]),
      hosts: { hosts: [absent({ configured: [set('shared_preload_libraries', 'pg_cron')] })], blind: [] },
      contracts: [contract('primary', { ok: false, layer: 'tcp', code: 'ECONNREFUSED', failures: 3 })],
      outcomes: outcomes({ primary: 'ECONNRESET' }),
      ...facts,
    },
  })
const down: Partial<Case> = { unansweredMs: { primary: 5000, standby: 10, subscriber: 10 }, findings }
const judge = (facts: Cluster['facts'] = {}, more: Partial<Case> = {}) =>
  diagnosed({ snapshot: seed(facts), changes: [edited], ...down, ...more })

describe('seed 4: a library that is not there', () => {
  const diagnosis = judge()

  test('is confirmed, with setting, place and change, and no rival is left', () => {
    expect(named(diagnosis).filter((each) => !each.startsWith('replication/'))).toEqual([`${id} confirmed`])
    expect(diagnosis.causes[0]).toMatchObject({ subject: 'primary:shared_preload_libraries', trigger: edited.id })
    expect(diagnosis.causes[0]?.evidence[0]?.words).toContain('postgresql.conf:42')
    expect(diagnosis.unexplained).toEqual([])
  })

  test('needs no change that was seen: the file says otherwise than the server that last ran', () => {
    expect(named(judge({}, { changes: [] }))[0]).toBe(`${id} confirmed`)
  })

  test('the file’s change and the setting that follows it are one trigger', () => {
    const reloaded = { ...edited, id: 'reloaded', source: 'fingerprint', atMs: t0 - 5500, notBeforeMs: t0 - 6000 }
    expect(judge({}, { changes: [edited, reloaded] }).causes[0]?.trigger).toBe(edited.id)
  })
})

test.each([
  ['wal_level', fatal('WAL archival cannot be enabled when "wal_level" is "minimal"', 'XX000'), 'minimal'],
  [
    'wal_level',
    fatal('WAL streaming ("max_wal_senders" > 0) requires "wal_level" to be "replica" or "logical"', 'XX000'),
    'minimal',
  ],
  ['work_mem', fatal('invalid value for parameter "work_mem": "4Mb"', '22023'), '4Mb'],
  [
    'ssl_cert_file',
    fatal('could not load server certificate file "server.crt": No such file or directory', 'F0000'),
    'x.crt',
  ],
])('%s: %o', (setting, entry, value) => {
  const hosts = { hosts: [absent({ configured: [set(setting, value)] })], blind: [] }
  const edit = { ...edited, object: `primary:${setting}` }
  expect(judge({ logs: logs([shutdown, entry]), hosts }, { changes: [edit] }).causes[0]).toMatchObject({
    id,
    subject: `primary:${setting}`,
    verdict: 'confirmed',
  })
})

test('a file with errors is named by the line that is none', () => {
  const entry = fatal('configuration file "/data/postgresql.conf" contains errors', 'F0000')
  const misconfigured = [{ file: 'postgresql.conf', line: 7, text: 'max_conections 100' }]
  const edit = { ...edited, object: 'primary:max_conections' }
  const hosts = { hosts: [absent({ misconfigured })], blind: [] }
  const [cause] = judge({ logs: logs([entry]), hosts }, { changes: [edit] }).causes
  expect(cause).toMatchObject({ id, subject: 'primary:max_conections', verdict: 'confirmed' })
  expect(cause?.remedy.words).toContain('postgresql.conf:7')
})

test('a name that the log masks is found by its file and line', () => {
  const entries = [
    logEntry('primary', {
      ...own,
      severity: 'LOG',
      code: '42704',
      message: 'unrecognized configuration parameter "…" in file "/data/postgresql.conf" line 9',
      lastMs: t0 - 4000,
    }),
    fatal('configuration file "/data/postgresql.conf" contains errors', 'F0000'),
  ]
  const configured = [{ file: '/data/postgresql.conf', line: 9, name: 'max_conections', value: '100' }]
  const edit = { ...edited, object: 'primary:max_conections', before: null }
  const hosts = { hosts: [absent({ configured })], blind: [] }
  expect(judge({ logs: logs(entries), hosts }, { changes: [edit] }).causes[0]).toMatchObject({
    subject: 'primary:max_conections',
    verdict: 'confirmed',
  })
})

test('a standby that has less than its primary is traced to the primary’s setting', () => {
  const entry = logEntry('standby', {
    ...own,
    severity: 'FATAL',
    code: '22023',
    message: 'recovery aborted because of insufficient parameter settings',
    detail: 'max_connections = 100 is a lower setting than on the primary server, where its value was 200.',
  })
  const raised = { ...edited, object: 'primary:max_connections', before: '100', after: '200', source: 'fingerprint' }
  const node = { node: 'standby', settings: { max_connections: '100' }, roleSettings: [], accessRulesDigest: null }
  const found = diagnosed({
    snapshot: snapshot({
      facts: {
        lastGood: { ...lastGood, nodes: [{ ...node, systemId: '1' }] },
        paths: [{ ...dead, node: 'standby' }],
        logs: logs([entry]),
        outcomes: outcomes({ standby: 'ECONNREFUSED' }),
      },
    }),
    changes: [raised],
    findings: [finding('application/outcomes', { node: 'standby', subject: 'standby' })],
    unansweredMs: { standby: 5000 },
  })
  expect(found.causes[0]).toMatchObject({ id, subject: 'standby:max_connections', trigger: raised.id })
})

describe('what it cannot do without', () => {
  const said = (facts: Cluster['facts'], more: Partial<Case> = {}) => named(judge(facts, more))

  test('(a) the FATAL in the log: without it this cause is not named', () => {
    expect(said({ logs: logs([shutdown]) }).filter((each) => each.startsWith(id))).toEqual([])
  })

  test('(b) news: the file is as it was, or nothing is known good', () => {
    const hosts = { hosts: [absent()], blind: [] }
    expect(said({ hosts }, { changes: [] })[0]).toBe(`${id} probable`)
    expect(said({}, { lastGoodMs: null })[0]).toBe(`${id} probable`)
  })

  test('(c) harm: a start that failed and then succeeded hurts nobody', () => {
    const started = logEntry('primary', {
      ...own,
      severity: 'LOG',
      code: '00000',
      message: 'database system is ready to accept connections',
      lastMs: t0 - 2000,
    })
    const found = said({ logs: logs([shutdown, missing, started]) })
    expect(found.filter((each) => each.startsWith(id))).toEqual([])
  })
})

describe('a log that nobody reads', () => {
  const said = (more: Partial<HostFact>) =>
    judge({ logs: unreadLogs, hosts: { hosts: [absent(more)], blind: [] } }, { findings: [...findings, wouldNot] })
  const wouldNot = finding('configuration/would-not-start', { node: 'primary', subject: 'primary', severity: 'error' })

  test.each<readonly [string, Partial<HostFact>]>([
    [
      'primary:shared_preload_libraries',
      { configured: [set('shared_preload_libraries', 'pg_cron')], missingLibraries: ['pg_cron'] },
    ],
    ['primary:wal_level', { configured: [set('wal_level', 'minimal')] }],
    ['primary', { misconfigured: [{ file: 'postgresql.conf', line: 7, text: 'max_conections 100' }] }],
  ])('is made up for by files with which no server starts: %s is probable, before a crash', (what, more) => {
    const diagnosis = said(more)
    expect(named(diagnosis).slice(0, 3)).toEqual([`${id} probable`, 'server/crash probable', 'server/stopped probable'])
    expect(diagnosis.causes[0]?.subject).toBe(what)
    expect(diagnosis.unexplained).toEqual([])
  })

  test('with files that are in order it is not named', () => {
    expect(named(said({})).filter((each) => each.startsWith(id))).toEqual([])
  })
})

describe('what looks alike', () => {
  const said = (facts: Cluster['facts'], more: Partial<Case> = {}) => named(judge(facts, more))

  test('a lock file, or a port in use, is no setting', () => {
    const other = fatal('lock file "postmaster.pid" already exists', 'F0001')
    expect(said({ logs: logs([other]) }).filter((each) => each.startsWith(id))).toEqual([])
  })

  test('sessions that are refused with FATAL do not keep a server from starting', () => {
    const refused = fatal('password authentication failed for user "app"', '28P01', { role: 'app', database: 'auth' })
    expect(said({ logs: logs([refused]) }).filter((each) => each.startsWith(id))).toEqual([])
  })

  test('a server that runs did not fail to start, whatever its log said', () => {
    const hosts = { hosts: [host('primary')], blind: [] }
    expect(said({ hosts }).filter((each) => each.startsWith(id))).toEqual([])
  })
})
