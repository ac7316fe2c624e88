import { Socket } from 'node:net'
import type { Address } from './address.ts'
import type { Limits } from './session.ts'

/** The protocol's question whether the server speaks TLS: answered with one byte, before any login (manual, "SSLRequest"). */
const question = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

/**
 * How long the way to a server and back takes, without login or statement. `null`: nothing came back in time; `undefined`:
 * somebody refused, so that there is a way and no answer.
 */
export async function roundTrip(
  { host, port }: Pick<Address, 'host' | 'port'>,
  { signal, deadlineMs }: Limits,
): Promise<number | null | undefined> {
  const socket = new Socket()
  const until = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])
  try {
    return await new Promise<number | null | undefined>((resolve) => {
      let askedAt = 0
      until.addEventListener('abort', () => resolve(null), { once: true })
      socket.once('error', () => resolve(undefined))
      socket.once('close', () => resolve(undefined))
      socket.once('data', () => resolve(Math.round((performance.now() - askedAt) * 10) / 10))
      socket.once('connect', () => {
        askedAt = performance.now()
        socket.write(question)
      })
      if (until.aborted) resolve(null)
      else if (host.startsWith('/')) socket.connect(`${host}/.s.PGSQL.${port}`)
      else socket.connect(port, host)
    })
  } finally {
    socket.destroy()
  }
}
