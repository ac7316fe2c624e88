import { chmodSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ClusterConfig } from '../core/configuration.ts'
import { SettingsFiles } from './settings-files.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'antemortem-settings-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const file = (): string => join(dir, 'app1.env')
const write = (text: string): void => writeFileSync(file(), text)
const clusterOf = (): ClusterConfig => ({
  name: 'auth',
  engine: 'postgres',
  nodes: [],
  contracts: [
    {
      name: 'login',
      settings: [{ file: file(), key: null }],
      node: 'primary',
      readOnly: false,
      reads: [{ node: 'reports', file: null, key: 'READ_REPORTS_URL' }],
      canary: null,
      withinMs: 250,
      staleMs: 5000,
      outcomes: null,
    },
  ],
  fence: 'message',
  invariants: [],
})

test('a key that changes is told once, and stands beside what was last known good', () => {
  write('DB_HOST=db1\nDB_PORT=5432\nDB_PASSWORD=one\n')
  const files = new SettingsFiles(clusterOf())
  expect(files.poll(1000)).toEqual([])
  files.markGood()
  write('DB_HOST=db1\nDB_PORT=5999\nDB_PASSWORD=one\n')
  expect(files.poll(2000)).toMatchObject([{ object: `${file()}#DB_PORT`, before: '5432', after: '5999' }])
  expect(files.poll(3000)).toEqual([])
  const port = files.facts()[0]?.keys.find(({ key }) => key === 'DB_PORT')
  expect(port).toEqual({ key: 'DB_PORT', value: '5999', isSecret: false, lastGood: '5432' })
  expect(files.goodText(file())).toContain('DB_PORT=5432')
  files.noteOld(file(), true)
  expect(files.facts()[0]?.keys.find(({ key }) => key === 'DB_PORT')).toMatchObject({ oldWorks: true })
  expect(files.facts()[0]?.keys.find(({ key }) => key === 'DB_HOST')).not.toHaveProperty('oldWorks')
})

test('a file of another format that is half written keeps its keys, and is told when it stands still', () => {
  const api = join(dir, 'appsettings.json')
  const of = (port: number): string => `{"ConnectionStrings": {"Default": "Host=db1;Port=${port};Password=geheim"}}`
  writeFileSync(api, of(5432))
  const cluster = clusterOf()
  const contracts = cluster.contracts.map((contract) => ({
    ...contract,
    settings: [{ file: api, key: null }],
    reads: [],
  }))
  const files = new SettingsFiles({ ...cluster, contracts })
  files.poll(1000)
  writeFileSync(api, of(5999).slice(0, 40))
  expect(files.poll(2000)).toEqual([])
  expect(files.facts()[0]).toMatchObject({ problem: expect.stringContaining('appsettings.json:1: is no JSON here') })
  writeFileSync(api, of(5999))
  const changes = files.poll(3000)
  expect(changes).toMatchObject([{ object: `${api}#ConnectionStrings:Default.Port`, before: '5432', after: '5999' }])
  expect(JSON.stringify([changes, files.facts(), files.plain()])).not.toContain('geheim')
})

test('a key that is gone is told, and still listed with what it was', () => {
  write('DB_HOST=db1\nDB_NAME=auth\n')
  const files = new SettingsFiles(clusterOf())
  files.poll(1000)
  files.markGood()
  write('DB_HOST=db1\n')
  expect(files.poll(2000)).toMatchObject([{ object: `${file()}#DB_NAME`, after: null }])
  expect(files.facts()[0]?.keys).toContainEqual({ key: 'DB_NAME', value: '', isSecret: false, lastGood: 'auth' })
})

test('what another process accepted is known without its secrets', () => {
  write('DB_HOST=db1\nDB_PASSWORD=one\n')
  const first = new SettingsFiles(clusterOf())
  first.poll(1000)
  expect(first.plain()).toEqual({ [file()]: { DB_HOST: 'db1' } })
  const second = new SettingsFiles(clusterOf())
  second.restoreGood(first.plain())
  write('DB_HOST=db2\nDB_PASSWORD=two\n')
  second.poll(2000)
  const [host, password] = second.facts()[0]?.keys ?? []
  expect(host).toMatchObject({ lastGood: 'db1', value: 'db2' })
  expect(password).not.toHaveProperty('lastGood')
  expect(second.goodText(file())).toBeNull()
})

test.each<readonly [string, () => void, RegExp]>([
  ['is gone', () => unlinkSync(file()), /ENOENT/],
  ['is empty for a moment', () => write(''), /empty/],
  ['is binary', () => write('DB_HOST=\0\0'), /no text/],
  ['is huge', () => write('x'.repeat(300_000)), /no settings file/],
  [
    'is a loop of links',
    () => {
      unlinkSync(file())
      symlinkSync(file(), file())
    },
    /ELOOP/,
  ],
  [
    'is a device',
    () => {
      unlinkSync(file())
      symlinkSync('/dev/zero', file())
    },
    /no file/,
  ],
])('a file that %s has a problem, keeps its keys, and is no change', (_, spoil, words) => {
  write('DB_HOST=db1\n')
  const files = new SettingsFiles(clusterOf())
  files.poll(1000)
  spoil()
  expect(files.poll(2000)).toEqual([])
  expect(files.facts()[0]).toMatchObject({ problem: expect.stringMatching(words), keys: [{ key: 'DB_HOST' }] })
  rmSync(file(), { force: true })
  write('DB_HOST=db1\n')
  expect(files.poll(3000)).toEqual([])
  expect(files.facts()[0]?.problem).toBeNull()
})

test.skipIf(process.getuid?.() === 0)('a file that may not be read has a problem', () => {
  write('DB_HOST=db1\n')
  chmodSync(file(), 0)
  const files = new SettingsFiles(clusterOf())
  files.poll(1000)
  expect(files.facts()[0]?.problem).toMatch(/EACCES/)
})
