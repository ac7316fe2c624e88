import { copyFileSync, readFileSync, truncateSync } from 'node:fs'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openStore } from './open.ts'
import { childProcess, ended, scratch } from './testing/scratch.ts'

const clock = Date.now

/** Appends batches of one to three events for ever, and prints the last number of each once it is acknowledged. */
const appender = `
  const { openStore } = await from('store/open.ts')
  const { writeSync } = await import('node:fs')
  const store = await openStore('sqlite:' + process.argv[1], { clock: Date.now })
  for (let batch = 0; ; batch += 1) {
    const size = 1 + (batch % 3)
    const bodies = Array.from({ length: size }, () => ({ type: 'watch.stopped', reason: process.pid + '/' + batch + '/' + size }))
    const events = await store.append('auth', bodies, Date.now())
    writeSync(1, JSON.stringify(events.map(({ seq }) => seq)) + '\\n')
  }`

test('every acknowledged event is there exactly once after kill -9, and no batch is half there', async () => {
  using at = scratch()
  const acknowledged: number[] = []
  for (const killAfter of [1, 40, 137]) {
    const child = childProcess(appender, at.file)
    const end = ended(child)
    let acks = 0
    for await (const line of createInterface({ input: child.stdout })) {
      const seqs: unknown = JSON.parse(line)
      if (Array.isArray(seqs)) acknowledged.push(...seqs.map(Number))
      acks += 1
      if (acks === killAfter) child.kill('SIGKILL')
    }
    expect(await end).toBe('SIGKILL')
  }
  const store = await openStore(`sqlite:${at.file}`, { clock })
  const events = await store.events()
  await store.close()

  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  const stored = new Set(events.map(({ seq }) => seq))
  expect(acknowledged.filter((seq) => !stored.has(seq))).toEqual([])
  // At most the one batch of each life that was written and not yet acknowledged.
  expect(events.length - acknowledged.length).toBeLessThanOrEqual(3 * 3)
  const batches = Map.groupBy(events, (event) => (event.type === 'watch.stopped' ? event.reason : ''))
  for (const [reason, batch] of batches) expect(batch).toHaveLength(Number(reason.split('/')[2]))
})

test('a store whose last bytes never reached the disk opens with whole batches only', async () => {
  using at = scratch()
  const store = await openStore(`sqlite:${at.file}`, { clock })
  for (let batch = 1; batch <= 12; batch += 1)
    await store.append(
      'auth',
      Array.from({ length: batch }, () => ({ type: 'watch.stopped', reason: String(batch) })),
      batch,
    )
  // Copied while it is open: nothing is folded back into the main file, all is in the log.
  copyFileSync(at.file, `${at.dir}/main`)
  copyFileSync(`${at.file}-wal`, `${at.dir}/wal`)
  await store.close()
  const bytes = readFileSync(`${at.dir}/wal`).length
  const whole = Array.from({ length: 13 }, (_, batches) => (batches * (batches + 1)) / 2)

  let longest = 0
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.integer({ min: 0, max: bytes }), fc.integer({ min: bytes - 99, max: bytes })),
      async (cut) => {
        copyFileSync(`${at.dir}/main`, `${at.dir}/cut.db`)
        copyFileSync(`${at.dir}/wal`, `${at.dir}/cut.db-wal`)
        truncateSync(`${at.dir}/cut.db-wal`, cut)
        const reopened = await openStore(`sqlite:${at.dir}/cut.db`, { clock })
        const { length } = await reopened.events()
        const next = await reopened.append('auth', [{ type: 'watch.stopped', reason: 'after' }], 99)
        await reopened.close()
        expect(whole).toContain(length)
        expect(next[0]?.seq).toBe(length + 1)
        longest = Math.max(longest, length)
      },
    ),
    { numRuns: 60 },
  )
  expect(longest).toBeGreaterThan(0)
})
