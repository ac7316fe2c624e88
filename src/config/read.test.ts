import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AntemortemError } from '../core/error.ts'
import { readConfig, type Vocabulary } from './read.ts'

const vocabulary: Vocabulary = {
  checks: [
    {
      id: 'replication/lag-time',
      limits: { warning: { default: 5_000, unit: 'ms', why: '' }, lagBytes: { default: 1, unit: 'bytes', why: '' } },
    },
    { id: 'replication/slot-lost' },
  ],
}

const whole = `
clusters:
  auth:
    engine: postgres
    nodes:
      primary: { url: "env:AUTH_PRIMARY_URL", act: "env:AUTH_ADMIN_URL", host: { local: true, data: /srv/pg, log: /srv/pg.log } }
      standby: { url: "file:/run/secrets/auth-standby", host: { ssh: "antemortem@db2" } }
      reports: { url: "service=reports" }
    contracts:
      login:
        settings: ["/srv/app1/.env", "/srv/app2/.env#DATABASE_URL"]
        node: primary
        reads: { primary: "#DATABASE_URL", standby: "/srv/app1/.env#READ_STANDBY_URL" }
        canary: "select id from users where password = 'x' order by 1"
        within_ms: 250
        stale_ms: 5s
        outcomes: "file:/var/log/app/outcomes.ndjson"
      nightly: { settings: /srv/batch/.env, node: standby, read_only: true, reads: [reports] }
postmortems: docs/postmortems
thresholds: { "replication/lag-time": { warning: 7s, lag: 64MB } }
`

const read = (text: string) => readConfig(text, 'antemortem.yaml', vocabulary)

/** The error that reading throws; null when it throws none. Any other kind is let through. */
function refusalOf(text: string): AntemortemError | null {
  try {
    read(text)
    return null
  } catch (error) {
    if (error instanceof AntemortemError) return error
    throw error
  }
}

const refusal = (text: string): string => refusalOf(text)?.message ?? 'was read'

const cluster = (rest: string): string => `clusters:\n  a:\n    engine: postgres\n${rest}`

describe('readConfig', () => {
  test('reads every key that works in this version', () => {
    const { clusters, ...rest } = read(whole)
    expect(rest).toMatchObject({
      file: 'antemortem.yaml',
      postmortems: 'docs/postmortems',
      store: 'sqlite:antemortem.db',
      thresholds: { 'replication/lag-time': { warning: 7_000, lagBytes: 67_108_864 } },
    })
    expect(clusters[0]).toMatchObject({ name: 'auth', engine: 'postgres', fence: 'message', invariants: [] })
    expect(clusters[0]?.nodes).toEqual([
      {
        name: 'primary',
        url: 'env:AUTH_PRIMARY_URL',
        act: 'env:AUTH_ADMIN_URL',
        host: { ssh: null, data: '/srv/pg', log: '/srv/pg.log' },
      },
      {
        name: 'standby',
        url: 'file:/run/secrets/auth-standby',
        act: null,
        host: { ssh: 'antemortem@db2', data: null, log: null },
      },
      { name: 'reports', url: 'service=reports', act: null, host: null },
    ])
    expect(clusters[0]?.contracts).toEqual([
      {
        name: 'login',
        settings: [
          { file: '/srv/app1/.env', key: null },
          { file: '/srv/app2/.env', key: 'DATABASE_URL' },
        ],
        node: 'primary',
        readOnly: false,
        reads: [
          { node: 'primary', file: null, key: 'DATABASE_URL' },
          { node: 'standby', file: '/srv/app1/.env', key: 'READ_STANDBY_URL' },
        ],
        canary: "select id from users where password = 'x' order by 1",
        withinMs: 250,
        staleMs: 5_000,
        outcomes: '/var/log/app/outcomes.ndjson',
      },
      {
        name: 'nightly',
        settings: [{ file: '/srv/batch/.env', key: null }],
        node: 'standby',
        readOnly: true,
        reads: [{ node: 'reports', file: null, key: null }],
        canary: null,
        withinMs: 1_000,
        staleMs: 5_000,
        outcomes: null,
      },
    ])
    expect(rest.places?.['clusters.auth.nodes.standby.url']).toBe('antemortem.yaml:7:23')
  })

  test('an unknown key is told with its place and the nearest known one, and nothing else for the same slip', () => {
    expect(refusal(cluster('    noodes: {}\n'))).toBe(
      "antemortem.yaml:4:5: clusters.a.noodes: unknown key 'noodes', did you mean 'nodes'?",
    )
  })

  test('a verify section says what is compared, how often and how hard', () => {
    const verify = (body: string): string => cluster(`    nodes: { p: { url: "env:P" } }\n    verify: ${body}\n`)
    const verifyOf = (body: string): unknown => read(verify(body)).clusters[0]?.verify
    expect(verifyOf('{}')).toEqual({ tables: [], load: 0.1, everyMs: 86_400_000 })
    expect(verifyOf('{ tables: [users], load: 25%, every: 12h }')).toEqual({
      tables: ['users'],
      load: 0.25,
      everyMs: 43_200_000,
    })
    expect(refusal(verify('{ every: 5s }'))).toContain('verify.every: expected a duration of a minute or more')
    expect(refusal(verify('{ every: soon }'))).toContain('verify.every: expected a duration')
  })

  test('a table of its own is named with its schema, by a contract that writes', () => {
    const contract = (body: string): string =>
      cluster(`    nodes: { p: { url: "env:P" } }\n    contracts: { c: { settings: a.env, node: p, ${body} } }\n`)
    expect(read(contract('canary_table: app.beats')).clusters[0]?.contracts[0]?.canaryTable).toEqual({
      schema: 'app',
      table: 'beats',
    })
    expect(refusal(contract('canary_table: beats'))).toBe(
      'antemortem.yaml:5:63: clusters.a.contracts.c.canary_table: expected SCHEMA.TABLE, such as app.antemortem_canary',
    )
    expect(refusal(contract('read_only: true, canary_table: app.beats'))).toContain(
      'contracts.c.canary_table: a contract with `read_only: true` writes no row; take one of the two out',
    )
  })

  test('a planned key is told as planned', () => {
    const text = cluster('    nodes: { p: { url: "env:P" } }\n    backup: {}\n') + 'server: {}\n'
    expect(refusal(text).split('\n')).toEqual([
      "antemortem.yaml:5:5: clusters.a.backup: 'backup' is not in this version yet; take it out",
      "antemortem.yaml:6:1: server: 'server' is not in this version yet; take it out",
    ])
    expect(refusal('clusters: { a: { engine: mariadb, nodes: { p: { url: "env:P" } } } }')).toContain(
      'not in this version yet',
    )
  })

  test.each([
    ['{ load: 0 }', 'verify.load: expected a share above 0 and up to 1'],
    ['{ load: 2 }', 'verify.load: expected a share above 0 and up to 1'],
    ['{ load: fast }', 'verify.load: expected a share above 0 and up to 1'],
    ['{ tables: users }', 'verify.tables: '],
    ['{ lood: 0.1 }', "verify.lood: unknown key 'lood', did you mean 'load'?"],
  ])('verify %s is refused', (verify, words) => {
    expect(refusal(cluster(`    nodes: { p: { url: "env:P" } }\n    verify: ${verify}\n`))).toContain(words)
  })

  test.each([
    ['{ local: true }', 'host: `local: true` needs `data`'],
    ['{ data: /x }', 'host: expected either `local: true` or `ssh: USER@HOST`'],
    ['{ local: true, data: /x, ssh: a@b }', 'host: expected either'],
    ['{ ssh: a@b, data: /x }', 'host.data: behind ssh this stands in the forced command'],
    ['{ ssh: "-oProxyCommand=x" }', 'host.ssh: expected USER@HOST'],
    ['{ ssh: "a b" }', 'host.ssh: expected USER@HOST'],
    ['{ lokal: true }', "host.lokal: unknown key 'lokal', did you mean 'local'?"],
  ])('host %s is refused', (host, words) => {
    expect(refusal(cluster(`    nodes: { p: { url: "env:P", host: ${host} } }\n`))).toContain(words)
  })

  test('all that is wrong is told at once, in the order of the file', () => {
    const text = cluster(`    nodes:
      primary: { url: 5 }
      "a:b": { url: "env:X" }
    contracts:
      login: { settings: [], node: primray, reads: [standby], within_ms: fast }
    fence: pasive
`)
    const lines = refusal(text).split('\n')
    expect(lines.map((line) => line.replace(/^antemortem\.yaml:(\d+):\d+: /, '$1 '))).toEqual([
      '5 clusters.a.nodes.primary.url: expected text',
      expect.stringMatching(/^6 clusters\.a\.nodes\."a:b": a name has letters/),
      expect.stringMatching(/^8 clusters\.a\.contracts\.login\.settings: /),
      "8 clusters.a.contracts.login.node: no node 'primray'; did you mean 'primary'?",
      "8 clusters.a.contracts.login.reads[0]: no node 'standby'; there are: primary, a:b",
      "9 clusters.a.fence: expected 'message' or 'passive'",
    ])
  })

  test('thresholds are held against the checks and their limits', () => {
    const text = `${cluster('    nodes: { p: { url: "env:P" } }\n')}thresholds:
  replication/lag-tim: { warning: 1s }
  replication/lag-time: { waring: 1s, warning: 1MB }
`
    expect(refusal(text).split('\n')).toEqual([
      "antemortem.yaml:6:3: thresholds.replication/lag-tim: unknown check 'replication/lag-tim', did you mean 'replication/lag-time'?",
      "antemortem.yaml:7:27: thresholds.replication/lag-time.waring: unknown limit 'waring', did you mean 'warning'?",
      expect.stringContaining('thresholds.replication/lag-time.warning: expected a duration'),
    ])
  })

  test.each([
    ['', 'is empty'],
    ['# nothing yet\n', 'is empty'],
    ['- a\n- b\n', 'expected keys with values'],
    ['clusters: {}\n', 'names no cluster'],
    ['store: x\n', 'clusters: is missing'],
    [cluster('    nodes: { p: { url: "db1:5432" } }\n'), 'clusters.a.nodes.p.url: expected env:NAME'],
    [cluster('    nodes: { p: { url: "mysql://root@h/d" } }\n'), 'clusters.a.nodes.p.url: expected env:NAME'],
    [cluster('    nodes: { p: { url: "env:P" } }\n').concat('store: "oracle:x"\n'), 'store: expected sqlite:PATH'],
  ])('%j is refused', (text, words) => {
    expect(refusal(text)).toContain(words)
  })

  test('whatever text is written is read or refused, and never takes the program down', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), mangled), (text) => {
        expect(refusalOf(text)?.exit ?? 2).toBe(2)
      }),
      { numRuns: 300 },
    )
  })
})

/** The whole example with a piece cut out and another put in. */
const mangled = fc
  .tuple(fc.nat(whole.length), fc.nat(40), fc.string({ maxLength: 10 }))
  .map(([from, cut, piece]) => whole.slice(0, from) + piece + whole.slice(from + cut))
