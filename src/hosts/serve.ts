import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { openLocalHost, type LocalPlace } from './local.ts'
import { asks, longestQuestion, protocolFormat, question, type Question, type Reply } from './protocol.ts'
import type { HostReader } from './reader.ts'
import { unread, type Reading } from './reading.ts'
import { jsonOf, linesOf } from './text-lines.ts'

/** Questions that wait at once; whoever asks more does not read the answers. */
const mostWaiting = 8

/**
 * The other end of ssh: answers a fixed list of questions, one JSON object a line, until its input ends. What it reads was said
 * on its own command line; no question can name another file.
 */
export async function serveHost(
  place: LocalPlace,
  { input, output, signal }: { readonly input: Readable; readonly output: Writable; readonly signal: AbortSignal },
): Promise<void> {
  const stop = (): void => void input.destroy()
  signal.addEventListener('abort', stop, { once: true })
  const said = { isOpen: true }
  output.on('error', () => (said.isOpen = false))
  const say = async (words: Reply): Promise<void> => {
    if (said.isOpen && !output.write(`${JSON.stringify(words)}\n`))
      await Promise.race([once(output, 'drain'), once(output, 'close')])
  }
  const open = (maskKey: Uint8Array): HostReader =>
    openLocalHost(place, { maskKey, onLog: () => void (output.writableLength === 0 && say({ event: 'log' })) })
  const state = { reader: open(randomBytes(16)) }
  const answer = async (asked: Question): Promise<Reading<unknown>> => {
    if (asked.ask === 'look') return state.reader.look()
    if (asked.ask === 'log') {
      const chunk = await state.reader.log(asked.position)
      return chunk.ok ? { ok: true, value: { ...chunk.value, bytes: chunk.value.bytes.toString('base64') } } : chunk
    }
    const before = state.reader
    state.reader = open(Buffer.from(asked.maskKey, 'base64'))
    await before.close()
    return { ok: true, value: { format: protocolFormat } }
  }
  // Each kind in its order: a log is read by one at a time, and a slow look does not hold it up.
  const running = new Map<string, Promise<void>>()
  let waiting = 0
  const handle = async (asked: Question): Promise<void> => {
    try {
      const result = await answer(asked)
      await say(
        result.ok ? { id: asked.id, ok: true, nowMs: Date.now(), value: result.value } : { id: asked.id, ...result },
      )
    } finally {
      waiting -= 1
    }
  }
  try {
    for await (const line of linesOf(input, longestQuestion)) {
      const asked = line === null ? null : question.safeParse(jsonOf(line)).data
      if (!asked || waiting >= mostWaiting) {
        const why = asked ? 'too many questions at once' : `only these are answered: ${asks.join(', ')}`
        await say({ id: asked?.id ?? null, ...unread(why, 'use the same version of Antemortem on both sides') })
        continue
      }
      waiting += 1
      const before = running.get(asked.ask) ?? Promise.resolve()
      running.set(
        asked.ask,
        before.then(async () => handle(asked)),
      )
      if (asked.ask === 'hello') await running.get('hello')
    }
    await Promise.all(running.values())
  } catch (error) {
    // Reading what was taken away ends with an error; that we took it away is none.
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', stop)
    await state.reader.close()
  }
}
