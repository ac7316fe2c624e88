import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import { append, events } from './events.ts'
import { migrate } from './migrations.ts'
import { openStore } from './open.ts'
import { NodeSqliteDialect, openSqlite } from './sqlite.ts'
import type { Tables } from './tables.ts'
import { childProcess, ended, scratch, standingClock } from './testing/scratch.ts'

const clock = standingClock()
const open = (url: string) => openStore(url, { clock })

async function readAll(url: string): Promise<void> {
  const store = await open(url)
  try {
    await store.events()
  } finally {
    await store.close()
  }
}

test('a store that is not there is made, readable by its owner only, and holds its content when opened again', async () => {
  using at = scratch()
  const store = await open(`sqlite:${at.file}`)
  await store.append('auth', [{ type: 'watch.stopped', reason: 'test' }], 7)
  await store.close()
  expect(statSync(at.file).mode & 0o777).toBe(0o600)

  const again = await open(`sqlite://${at.file}`)
  expect(await again.events()).toEqual([{ type: 'watch.stopped', reason: 'test', seq: 1, atMs: 7, cluster: 'auth' }])
  await again.close()
})

test('it is durable: WAL, synchronous full, foreign keys, and a wait for other processes', () => {
  using at = scratch()
  const db = openSqlite(at.file)
  const pragma = (name: string): unknown => Object.values(db.prepare(`pragma ${name}`).get() ?? {})[0]
  expect([pragma('journal_mode'), pragma('synchronous'), pragma('foreign_keys'), pragma('busy_timeout')]).toEqual([
    'wal',
    2,
    1,
    5_000,
  ])
  db.close()
})

test.each([
  ['postgres://watch:s3cret@db/antemortem', 'store-postgres'],
  ['postgresql://db/antemortem', 'store-postgres'],
  ['mysql://watch:s3cret@db/x', 'store-url'],
  ['antemortem.db', 'store-url'],
  ['sqlite:', 'store-url'],
])('%s is a usage error without its secret', async (url, code) => {
  const error = await open(url).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ name: 'AntemortemError', code, exit: 2 })
  expect(String(error)).not.toContain('s3cret')
})

test('a directory that is not there or cannot be written is named, with what to do', async () => {
  using at = scratch()
  await expect(open(`sqlite:${at.dir}/none/a.db`)).rejects.toMatchObject({
    code: 'store-cannot-open',
    message: `the store ${at.dir}/none/a.db cannot be made: its directory does not exist`,
    hint: `mkdir -p ${at.dir}/none`,
  })
  // Nobody can make a file there, root included.
  await expect(open('sqlite:/proc/a.db')).rejects.toMatchObject({ code: 'store-cannot-open' })
  writeFileSync(`${at.dir}/file`, '')
  await expect(open(`sqlite:${at.dir}/file/a.db`)).rejects.toMatchObject({ code: 'store-cannot-open' })
  mkdirSync(`${at.dir}/directory`)
  await expect(open(`sqlite:${at.dir}/directory`)).rejects.toMatchObject({ code: 'store-cannot-open' })
})

test('a file that is no database is refused and left as it is', async () => {
  using at = scratch()
  writeFileSync(at.file, 'not a database, but long enough to look like a page of one\n'.repeat(100))
  await expect(open(`sqlite:${at.file}`)).rejects.toMatchObject({
    code: 'store-broken',
    message: expect.stringContaining(at.file),
    hint: expect.stringContaining(`mv ${at.file} ${at.file}.broken`),
  })
  expect(existsSync(at.file)).toBe(true)
})

test('a store with a damaged page says so when it meets it', async () => {
  using at = scratch()
  const store = await open(`sqlite:${at.file}`)
  const reason = 'x'.repeat(3_000)
  for (let i = 0; i < 20; i += 1) await store.append('auth', [{ type: 'watch.stopped', reason }], i)
  await store.close()
  const bytes = readFileSync(at.file)
  const from = bytes.indexOf(reason)
  // From the middle of the events on: the first pages, and so the schema, stay whole.
  writeFileSync(at.file, Buffer.concat([bytes.subarray(0, from), Buffer.alloc(bytes.length - from, 0xff)]))
  await expect(readAll(`sqlite:${at.file}`)).rejects.toMatchObject({
    code: 'store-broken',
    message: expect.stringContaining(at.file),
  })
})

test('a store of a newer program is refused, and so is the database of another program', async () => {
  using at = scratch()
  await (await open(`sqlite:${at.file}`)).close()
  const db = new DatabaseSync(at.file)
  db.exec("insert into kysely_migration values ('0099-later', '2030-01-01T00:00:00.000Z')")
  db.close()
  await expect(open(`sqlite:${at.file}`)).rejects.toMatchObject({
    code: 'store-newer',
    message: expect.stringContaining('0099-later'),
  })

  const foreign = new DatabaseSync(`${at.dir}/foreign.db`)
  foreign.exec('create table customers (id integer)')
  foreign.close()
  await expect(open(`sqlite:${at.dir}/foreign.db`)).rejects.toMatchObject({ code: 'store-foreign' })
})

test('a full disk says which one, keeps what was acknowledged, and goes on when there is room', async () => {
  using at = scratch()
  const file = openSqlite(at.file)
  const db = new Kysely<Tables>({ dialect: new NodeSqliteDialect(at.file, file) })
  await migrate(db, 'the store')
  const body = { type: 'watch.stopped', reason: 'x'.repeat(3_000) } as const
  await append(db, 'auth', [body], 1)
  // To SQLite it is the same as a disk without room: it fails in the middle, and has rolled back by itself.
  file.exec(`pragma max_page_count = ${Number(Object.values(file.prepare('pragma page_count').get() ?? {})[0]) + 2}`)
  await expect(append(db, 'auth', [body, body, body, body], 2)).rejects.toMatchObject({
    code: 'store-full',
    message: expect.stringContaining(at.file),
    hint: expect.stringContaining(at.dir),
  })
  file.exec('pragma max_page_count = 100000')
  expect(await append(db, 'auth', [body], 3)).toMatchObject([{ seq: 2 }])
  expect(await events(db)).toHaveLength(2)
  await db.destroy()
})

test('processes that open a new store at the same moment all get one and the same', async () => {
  using at = scratch()
  const code = `
    const { openStore } = await from('store/open.ts')
    const store = await openStore('sqlite:' + process.argv[1], { clock: Date.now })
    for (let i = 0; i < 10; i += 1) await store.append('auth', [{ type: 'watch.stopped', reason: String(process.pid) }], i)
    await store.close()`
  const children = [1, 2, 3].map(() => ended(childProcess(code, at.file)))
  expect(await Promise.all(children)).toEqual([0, 0, 0])
  const store = await open(`sqlite:${at.file}`)
  const seqs = (await store.events()).map(({ seq }) => seq)
  await store.close()
  expect(seqs).toEqual(Array.from({ length: 30 }, (_, index) => index + 1))
})
