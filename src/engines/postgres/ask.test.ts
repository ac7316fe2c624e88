import { expect, test } from 'vitest'
import type { ReaderSession } from './reader-session.ts'
import type { Answer, Statement } from './session.ts'
import { ask, askPages, readFact } from './ask.ts'
import type { LinkFailure } from './failure.ts'
import { blockedReader, fastReaders, slowReaders } from './observations.ts'

const signal = new AbortController().signal
const limits = { signal, deadlineMs: 100 }
const failure: LinkFailure = {
  why: 'no-privilege',
  layer: 'query',
  code: '42501',
  message: 'may not',
  remedy: 'grant',
  phase: 'ready',
}

/** A session that answers each statement as told. */
function sessionOf(
  answer: (statement: Statement) => unknown[] | LinkFailure,
): ReaderSession & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    names: new Map(),
    slots: new Map(),
    placed: new Set(),
    leftOut: new Map(),
    hello: {
      versionNum: 180_004,
      database: 'auth',
      databaseOid: 16_384,
      systemId: '1',
      startedMs: 1,
      maxConnections: 100,
      reserved: 3,
      role: 'antemortem',
    },
    session: {
      pid: 1,
      lost: null,
      close: async () => {},
      copy: async () => ({ ok: true, data: [] }),
      run: async (statement): Promise<Answer> => {
        asked.push(statement.name ?? '')
        const said = answer(statement)
        return Array.isArray(said) ? { ok: true, rows: [{ sample: said }], tookMs: 1 } : { ok: false, failure: said }
      },
    },
  }
}

const readers = fastReaders.filter(({ key }) => key === 'wal' || key === 'receiver')
const walRaw = ['0/1', null, null, null, 1]

test('all facts come in one statement, whose name has room in 63 bytes', async () => {
  const from = sessionOf(() => [walRaw, null])
  const asked = await ask(readers, from, limits)
  expect(readers.map((reader) => readFact(reader, asked, from, 7))).toMatchObject([
    { seen: true, atMs: 7, value: { writeLsn: '0/1' } },
    { seen: true, value: [] },
  ])
  const all = sessionOf(() => fastReaders.map(() => null))
  await ask(fastReaders, all, limits)
  expect(all.asked[0]?.length).toBeLessThan(60)
})

test('where one fact is refused the others are asked for alone, and it is left out of the next statement', async () => {
  const from = sessionOf(({ text }) => {
    if (text.includes('sender_host')) return failure
    return [walRaw]
  })
  for (const statements of [3, 1]) {
    from.asked.length = 0
    const asked = await ask(readers, from, limits)
    expect(from.asked).toHaveLength(statements)
    expect(readers.map((reader) => readFact(reader, asked, from, 7))).toMatchObject([
      { seen: true },
      { seen: false, why: 'no-privilege', detail: 'may not', remedy: 'grant' },
    ])
  }
})

test('a server that is too slow for one statement is not asked for more', async () => {
  const from = sessionOf(() => ({ ...failure, why: 'timed-out', code: '57014' }))
  const asked = await ask(readers, from, limits)
  expect(from.asked).toHaveLength(1)
  expect(asked.failed.size).toBe(2)
  expect(from.leftOut.size).toBe(0)
})

test('an answer in a form that nobody knows is not understood, and says so', async () => {
  const from = sessionOf(() => [{ of: 'another world' }, null])
  const asked = await ask(readers, from, limits)
  expect(readers.map((reader) => readFact(reader, asked, from, 7))).toMatchObject([
    { seen: false, why: 'not-in-this-version' },
    { seen: true },
  ])
})

test('what was not granted is not asked for, so that no refusal stands in the log; the rest is, and the grant is named', async () => {
  const guarded = slowReaders.filter(({ key }) => key === 'accessRules' || key === 'extensions')
  const from = sessionOf(({ text }) => (text.includes('has_function_privilege') ? [false] : [null]))
  const asked = await ask(guarded, from, limits)
  expect(guarded.map((reader) => readFact(reader, asked, from, 7))).toMatchObject([
    {
      seen: false,
      why: 'no-privilege',
      detail: expect.stringContaining('in database auth'),
      remedy: 'grant execute on function pg_catalog.pg_hba_file_rules() to "antemortem"',
    },
    { seen: true, value: [] },
  ])
})

test('what a version does not have is not asked of it', async () => {
  const now = sessionOf(() => [null])
  const old = { ...now, hello: { ...now.hello, versionNum: 130_022 } }
  const asked = await ask([blockedReader], old, limits)
  expect(now.asked).toEqual([])
  expect(readFact(blockedReader, asked, old, 7)).toMatchObject({
    why: 'not-in-this-version',
    detail: expect.stringContaining('PostgreSQL 13'),
  })
})

test('what has pages comes page by page, and is one fact', async () => {
  const tables = slowReaders.find(({ key }) => key === 'tables')
  if (tables?.page == null) throw new Error('tables have pages')
  const { page } = tables
  const begins: unknown[] = []
  const from = sessionOf(({ values }) => {
    const [after] = values ?? []
    begins.push(after)
    return [Array.from({ length: after === 0 ? page : 3 }, (_, n) => [Number(after) + n + 1, 'public'])]
  })
  const asked = await askPages(tables, from, limits)
  expect(begins).toEqual([0, page])
  expect(asked.raws.get('tables')).toHaveLength(page + 3)
})

test('a page that fails fails the fact: a part of the tables would pass for all', async () => {
  const tables = slowReaders.find(({ key }) => key === 'tables')
  if (tables?.page == null) throw new Error('tables have pages')
  const { page } = tables
  const from = sessionOf(({ values }) =>
    values?.[0] === 0 ? [Array.from({ length: page }, (_, n) => [n + 1])] : failure,
  )
  const asked = await askPages(tables, from, limits)
  expect(asked.raws.has('tables')).toBe(false)
  expect(asked.failed.get('tables')).toMatchObject({ why: 'no-privilege' })
})
