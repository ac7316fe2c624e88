import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chosenClusters } from './clusters.ts'
import { findConfig, loadConfiguration } from './configuration.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'configuration-'))
  mkdirSync(join(dir, 'conf'))
})

afterEach(() => rmSync(dir, { recursive: true }))

const text = `clusters:
  auth:
    engine: postgres
    nodes: { p: { url: "env:P" } }
    contracts: { login: { settings: app/.env, node: p } }
thresholds: { replication/lag-time: { wraning: 1 } }
`

const load = async (option: string | null, env: Record<string, string> = {}) =>
  loadConfiguration({ cwd: dir, env, option }, { needs: 'url' })

describe('loadConfiguration', () => {
  test('paths mean the folder of the file', async () => {
    writeFileSync(join(dir, 'conf/a.yaml'), text.replace(/thresholds.*\n/, ''))
    const { clusters, file } = await load('conf/a.yaml', { P: 'postgres://u@h/d' })
    expect(file).toBe('conf/a.yaml')
    expect(clusters[0]?.contracts[0]?.settings).toEqual([{ file: join(dir, 'conf/app/.env'), key: null }])
  })

  test('the words of the catalogue are known', async () => {
    writeFileSync(join(dir, 'antemortem.yaml'), text)
    await expect(load(null)).rejects.toThrow(
      /antemortem\.yaml:6:39: thresholds\.replication\/lag-time\.wraning: unknown limit/,
    )
  })

  test('what is missing is told before anything starts', async () => {
    writeFileSync(join(dir, 'antemortem.yaml'), text.replace(/thresholds.*\n/, ''))
    await expect(load(null)).rejects.toThrow(
      'antemortem.yaml:4:24: clusters.auth.nodes.p.url: the environment variable P is not set',
    )
    await expect(load('none.yaml')).rejects.toMatchObject({ exit: 2, message: 'none.yaml: there is no such file' })
    await expect(load('conf')).rejects.toMatchObject({ exit: 2, message: 'conf: it is a directory' })
    await expect(load('/dev/zero')).rejects.toMatchObject({ exit: 2 })
  })

  test('addresses need no file', async () => {
    const { file, clusters } = await loadConfiguration(
      { cwd: dir, env: {}, option: null },
      { urls: ['postgres://u:p@db1/auth'], needs: 'url' },
    )
    expect(file).toBeNull()
    expect(clusters[0]?.nodes[0]?.name).toBe('db1')
    expect(findConfig('/a', null)).toBe('/a/antemortem.yaml')
    expect(findConfig('/a', 'b.yaml')).toBe('/a/b.yaml')
  })
})

test('a cluster is chosen by name', async () => {
  const configuration = await loadConfiguration(
    { cwd: dir, env: {}, option: null },
    { urls: ['postgres://u:p@db1/auth'] },
  )
  expect(chosenClusters(configuration, null)).toHaveLength(1)
  expect(chosenClusters(configuration, 'auth')).toHaveLength(1)
  expect(() => chosenClusters(configuration, 'auht')).toThrow("no cluster 'auht'; did you mean 'auth'?")
})
