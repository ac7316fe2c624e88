import { describe, expect, test } from 'vitest'
import type { ClusterConfig, ContractConfig } from '../core/configuration.ts'
import { oneEach } from './results.ts'
import { targetsOf } from './targets.ts'

const contract: ContractConfig = {
  name: 'login',
  settings: [
    { file: '/srv/app1/.env', key: null },
    { file: '/srv/app2/.env', key: 'DATABASE_URL' },
  ],
  node: 'primary',
  readOnly: false,
  reads: [
    { node: 'primary', file: null, key: 'DATABASE_URL' },
    { node: 'standby', file: null, key: 'READ_STANDBY_URL' },
    { node: 'reports', file: null, key: null },
  ],
  canary: null,
  withinMs: 250,
  staleMs: 5_000,
  outcomes: null,
}

const cluster: ClusterConfig = {
  name: 'auth',
  engine: 'postgres',
  nodes: ['primary', 'standby', 'reports'].map((name) => ({
    name,
    url: `postgres://watch@${name}.example:5432/auth`,
    act: null,
    host: null,
  })),
  contracts: [contract],
  fence: 'message',
  invariants: [],
}

const files: Readonly<Record<string, string>> = {
  '/srv/app1/.env': 'DATABASE_URL=postgres://app:x@vip/auth\nREAD_STANDBY_URL=postgres://app:x@ro/auth\n',
  '/srv/app2/.env': 'DATABASE_URL=postgres://app:x@vip/auth\n',
}

const readText = (file: string): string => {
  const text = files[file]
  if (text === undefined) throw Object.assign(new Error(`ENOENT: no such file, open '${file}'`), { code: 'ENOENT' })
  return text
}

describe('targetsOf', () => {
  test("is every instance's way to every node, each connection once", () => {
    const seen = targetsOf(cluster, contract, readText).map((target) =>
      'settings' in target
        ? `${target.instance} ${target.node} ${target.route} ${target.settings.host} ${target.mustWrite ? 'writes' : 'reads'}`
        : `${target.instance} ${target.node} ${target.problem.message}`,
    )
    expect(seen).toEqual([
      'app1 primary application vip writes',
      'app1 standby application ro reads',
      'app1 reports node reports.example reads',
      'app2 primary application vip writes',
      'app2 standby /srv/app2/.env: has no READ_STANDBY_URL',
      'app2 reports node reports.example reads',
    ])
  })

  test('a file that is not there is a result, and no end of all others', () => {
    const lost = { ...contract, settings: [{ file: '/srv/gone/.env', key: null }], reads: [] }
    expect(targetsOf(cluster, lost, readText)).toMatchObject([
      { instance: 'gone', problem: { layer: null, code: 'ENOENT' } },
    ])
  })

  test('two files of one name are refused', () => {
    const twins = {
      ...contract,
      settings: [
        { file: '/a/conf/.env', key: null },
        { file: '/b/conf/.env', key: null },
      ],
    }
    expect(() => targetsOf(cluster, twins, readText)).toThrow(
      "/a/conf/.env and /b/conf/.env would both be the instance 'conf'",
    )
  })
})

test('of two routes to one node the failing one speaks, else the slower', () => {
  const result = (ok: boolean, ms: number, node = 'primary') => ({
    fact: {
      contract: 'c',
      instance: 'i',
      node,
      from: '',
      role: null,
      atMs: 0,
      ok,
      layer: null,
      code: null,
      message: null,
      ms,
      failures: 0,
      route: 'application' as const,
    },
    remedy: null,
    answer: null,
    server: null,
  })
  expect(
    oneEach([result(true, 5), result(false, 1), result(true, 9), result(true, 3, 'standby')]).map(
      ({ fact }) => fact.ms,
    ),
  ).toEqual([1, 3])
  expect(oneEach([result(true, 5), result(true, 9)]).map(({ fact }) => fact.ms)).toEqual([9])
})
