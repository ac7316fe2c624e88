import { describe, expect, test } from 'vitest'
import { assertAddresses, rebase } from './lookups.ts'
import { readConfig } from './read.ts'

const text = `clusters:
  auth:
    engine: postgres
    nodes:
      primary: { url: "env:P_URL", act: "env:P_ACT" }
      standby: { url: "file:secrets/standby" }
    contracts:
      login: { settings: [app/.env, /srv/app2/.env], node: primary, reads: { standby: "ro/.env#URL" }, outcomes: "file:out.ndjson" }
postmortems: docs/postmortems
`

const configuration = readConfig(text, 'conf/antemortem.yaml', { checks: [] })

describe('assertAddresses', () => {
  test('tells every address that is missing, with its line', () => {
    expect(() => assertAddresses(configuration, 'url', { env: {}, canRead: () => false })).toThrow(
      [
        'conf/antemortem.yaml:5:23: clusters.auth.nodes.primary.url: the environment variable P_URL is not set',
        'conf/antemortem.yaml:6:23: clusters.auth.nodes.standby.url: cannot read secrets/standby',
      ].join('\n'),
    )
  })

  test('asks for the acting role only when it is needed', () => {
    const lookups = { env: { P_URL: 'x', P_ACT: 'x' }, canRead: () => true }
    expect(() => assertAddresses(configuration, 'url', lookups)).not.toThrow()
    expect(() => assertAddresses(configuration, 'act', lookups)).toThrow('standby.act: is missing')
  })
})

test('relative paths mean the folder of the file that names them', () => {
  const based = rebase(configuration, (path) => (path.startsWith('/') ? path : `/conf/${path}`))
  expect(based).toMatchObject({ postmortems: '/conf/docs/postmortems', store: 'sqlite:/conf/antemortem.db' })
  expect(based.clusters[0]?.nodes.map(({ url }) => url)).toEqual(['env:P_URL', 'file:/conf/secrets/standby'])
  expect(based.clusters[0]?.contracts[0]).toMatchObject({
    settings: [{ file: '/conf/app/.env' }, { file: '/srv/app2/.env' }],
    reads: [{ file: '/conf/ro/.env', key: 'URL' }],
    outcomes: '/conf/out.ndjson',
  })
})
