import { expect, test } from 'vitest'
import type { Answer, Statement } from '../engines/postgres/index.ts'
import type { NodeReader } from '../engines/postgres/rows/node-reader.ts'
import { Turns } from './turns.ts'

const limits = { signal: new AbortController().signal, deadlineMs: 1_000 }

test('two sessions on one node run one statement at a time, in the order of asking; another node does not wait', async () => {
  const log: string[] = []
  const session = (name: string): NodeReader => ({
    name,
    run: async ({ text }: Statement): Promise<Answer> => {
      log.push(`${text} begins`)
      await new Promise((done) => setTimeout(done, text === 'slow' ? 20 : 1))
      log.push(`${text} ends`)
      if (text === 'slow') throw new Error('the connection is gone')
      return { ok: true, rows: [], tookMs: 1 }
    },
  })
  const turns = new Turns()
  const [first, second, other] = [session('db1'), session('db1'), session('db2')].map((each) => turns.reader(each))
  const answers = await Promise.allSettled([
    first?.run({ text: 'slow' }, limits),
    second?.run({ text: 'next' }, limits),
    other?.run({ text: 'elsewhere' }, limits),
  ])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect(log.filter((line) => !line.startsWith('elsewhere'))).toEqual([
    'slow begins',
    'slow ends',
    'next begins',
    'next ends',
  ])
  expect(log.indexOf('elsewhere ends')).toBeLessThan(log.indexOf('slow ends'))
})
