import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import type { EventBody } from '../core/event.ts'
import { openStore } from './open.ts'
import type { Store } from './store.ts'
import { childProcess, ended, scratch } from './testing/scratch.ts'
import { openWriter } from './writer.ts'

const stopped: EventBody = { type: 'watch.stopped', reason: 'test' }

const onFile = async (file: string): Promise<Store & AsyncDisposable> => {
  const store = await openStore(`sqlite:${file}`, { clock: Date.now })
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() })
}

test('a second watch on the same store is told who the first is; readers read on', async () => {
  using at = scratch()
  await using one = await onFile(at.file)
  await using two = await onFile(at.file)
  const writer = await openWriter(one, { holder: 'db1 process 7', ttlMs: 600 })
  await writer.append('auth', [stopped], 1)
  await expect(openWriter(two, { holder: 'db1 process 8', ttlMs: 600 })).rejects.toMatchObject({
    code: 'store-has-writer',
    message: expect.stringContaining('db1 process 7'),
  })
  expect(await two.events()).toHaveLength(1)
  await writer.close()
  const next = await openWriter(two, { holder: 'db1 process 8', ttlMs: 600 })
  expect(await next.append('auth', [stopped], 2)).toMatchObject([{ seq: 2 }])
  await next.close()
})

test('a watch that was killed is succeeded when its time is out', async () => {
  using at = scratch()
  const code = `
    const { openStore } = await from('store/open.ts')
    const { openWriter } = await from('store/writer.ts')
    const store = await openStore('sqlite:' + process.argv[1], { clock: Date.now })
    const writer = await openWriter(store, { ttlMs: 600 })
    await writer.append('auth', [{ type: 'watch.stopped', reason: 'first' }], 1)
    console.log('ready')
    setInterval(() => {}, 1000)`
  const child = childProcess(code, at.file)
  const end = ended(child)
  await once(createInterface({ input: child.stdout }), 'line')
  child.kill('SIGKILL')
  expect(await end).toBe('SIGKILL')

  await using store = await onFile(at.file)
  const writer = await openWriter(store, { ttlMs: 600 })
  expect(await writer.append('auth', [stopped], 2)).toMatchObject([{ seq: 2 }])
  await writer.close()
})

test('a watch that stood still and was overtaken can write nothing more, and is told', async () => {
  using at = scratch()
  await using one = await onFile(at.file)
  await using two = await onFile(at.file)
  const writer = await openWriter(one, { holder: 'sleeper', ttlMs: 300 })
  // What the sleeper cannot prevent: its lease runs out, and another takes it.
  const lease = await one.leaseOf('writer')
  if (lease) await one.releaseLease(lease)
  const other = await openWriter(two, { holder: 'awake', ttlMs: 300 })
  await expect(writer.append('auth', [stopped], 1)).rejects.toMatchObject({ code: 'lease-lost' })
  if (!writer.lost.aborted) await once(writer.lost, 'abort')
  expect(writer.lost.reason).toMatchObject({ message: expect.stringContaining('awake') })
  await other.append('auth', [stopped], 1)
  await writer.close()
  await other.close()
})
