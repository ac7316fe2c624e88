import { isIP, Socket } from 'node:net'
import type { Client } from 'pg'
import type { Phase } from './failure.ts'
import { GaveUp } from './failure.ts'
import type { Limits } from './session.ts'

/** With these messages a PostgreSQL server begins: authentication, error, notice, negotiation of the protocol. */
const firstMessages = new Set(Buffer.from('RENv'))
/** As libpq has it; four letters of a text are more. */
const longestFirst = 30_000

/**
 * Whether PostgreSQL could have said this first. Asked for TLS it says one byte and waits, or sends an error; anything else
 * is another protocol: an SSH server's greeting begins with an S, too.
 */
function isPostgres(bytes: Buffer, isAskedForTls: boolean): boolean {
  const first = bytes.subarray(0, 1).toString('latin1')
  if (isAskedForTls && (first === 'S' || first === 'N')) return bytes.length === 1
  // A postmaster that cannot fork says so in the protocol's old form, without a length.
  const hasLength = bytes.length < 5 || bytes.readUInt32BE(1) <= longestFirst || (first === 'E' && bytes.at(-1) === 0)
  return firstMessages.has(bytes[0] ?? 0) && hasLength
}

/** A socket that knows how far its connection has come: the driver's errors do not say. */
export function watchPhase(host: string) {
  const stream = new Socket()
  let phase: Phase = isIP(host) === 0 && !host.startsWith('/') ? 'dns' : 'tcp'
  let foreign = false
  const afterConnect = { tls: false }
  stream.once('lookup', () => (phase = 'tcp'))
  stream.once('connect', () => (phase = afterConnect.tls ? 'tls' : 'startup'))
  stream.once('data', (bytes: Buffer) => {
    foreign = !isPostgres(bytes, phase === 'tls')
    // It may well wait for more words of ours, until our deadline.
    if (foreign) stream.destroy(notPostgres())
  })
  return {
    stream,
    phase: (): Phase => phase,
    /** Called once, before connecting. */
    expectTls: (tls: boolean, client: Client): void => {
      afterConnect.tls = tls
      // The driver says so when its handshake begins: what goes wrong in it (a certificate, a version) is TLS still.
      client.connection.once('sslconnect', () => {
        client.connection.stream.once('secureConnect', () => (phase = 'startup'))
      })
    },
    settled: (): void => void (phase = 'ready'),
    notPostgres: (): GaveUp | null => (foreign ? notPostgres() : null),
    destroy: (): void => void stream.destroy(),
  }
}

const notPostgres = (): GaveUp =>
  new GaveUp('NOT_POSTGRESQL', 'what answers on this port does not speak the PostgreSQL protocol')

/** Waits for a promise, but not for ever: on deadline or abort `giveUp` must end what it waits for. `lateMs`: asked at the deadline, how much more. */
export async function withDeadline<T>(
  promise: Promise<T>,
  { signal, deadlineMs, lateMs = () => 0 }: Limits & { readonly lateMs?: () => number },
  giveUp: () => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let onAbort: (() => void) | undefined
  const ended = new Promise<never>((_, reject) => {
    const end = (reason: unknown): void => {
      giveUp()
      reject(reason instanceof Error ? reason : new Error('aborted', { cause: reason }))
    }
    const late = (afterMs: number) => () =>
      end(new GaveUp('CLIENT_DEADLINE', `no answer within ${Math.round(afterMs)} ms`))
    timer = setTimeout(() => {
      const moreMs = lateMs()
      if (moreMs > 0) timer = setTimeout(late(deadlineMs + moreMs), moreMs)
      else late(deadlineMs)()
    }, deadlineMs)
    onAbort = () => end(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  // Ending the socket makes the first promise reject as well, after nobody listens any more.
  promise.catch(() => undefined)
  try {
    return await Promise.race([promise, ended])
  } finally {
    clearTimeout(timer)
    if (onAbort) signal.removeEventListener('abort', onAbort)
  }
}
