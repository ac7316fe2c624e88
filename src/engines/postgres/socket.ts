import { isIP, Socket } from 'node:net'
import type { Client } from 'pg'
import type { Phase } from './failure.ts'
import { GaveUp } from './failure.ts'
import type { Limits } from './session.ts'

/** First bytes of a PostgreSQL server: messages R E N S v K Z, and S or N for TLS. */
const firstBytes = new Set(Buffer.from('RENSvKZ'))

/** A socket that knows how far its connection has come: the driver's errors do not say. */
export function watchPhase(host: string) {
  const stream = new Socket()
  let phase: Phase = isIP(host) === 0 && !host.startsWith('/') ? 'dns' : 'tcp'
  let foreign = false
  const afterConnect = { tls: false }
  stream.once('lookup', () => (phase = 'tcp'))
  stream.once('connect', () => (phase = afterConnect.tls ? 'tls' : 'startup'))
  stream.once('data', (bytes: Buffer) => (foreign = bytes[0] !== undefined && !firstBytes.has(bytes[0])))
  return {
    stream,
    phase: (): Phase => phase,
    /** Called once, before connecting. */
    expectTls: (tls: boolean, client: Client): void => {
      afterConnect.tls = tls
      client.connection.once('sslconnect', () => (phase = 'startup'))
    },
    settled: (): void => void (phase = 'ready'),
    notPostgres: (): GaveUp | null =>
      foreign ? new GaveUp('NOT_POSTGRESQL', 'what answers on this port does not speak the PostgreSQL protocol') : null,
    destroy: (): void => void stream.destroy(),
  }
}

/** Waits for a promise, but not for ever: on deadline or abort `giveUp` must end what it waits for. */
export async function withDeadline<T>(
  promise: Promise<T>,
  { signal, deadlineMs }: Limits,
  giveUp: () => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let onAbort: (() => void) | undefined
  const ended = new Promise<never>((_, reject) => {
    const end = (reason: unknown): void => {
      giveUp()
      reject(reason instanceof Error ? reason : new Error('aborted', { cause: reason }))
    }
    timer = setTimeout(
      () => end(new GaveUp('CLIENT_DEADLINE', `no answer within ${Math.round(deadlineMs)} ms`)),
      deadlineMs,
    )
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
