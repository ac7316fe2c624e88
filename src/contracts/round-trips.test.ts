import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { contract } from '../../test/builders.ts'
import { RoundTrips } from './round-trips.ts'
import { readSettings } from './settings.ts'
import type { ProbeTarget } from './targets.ts'

const late = contract('primary', { ok: false, layer: 'latency', code: 'CLIENT_DEADLINE' })

test('a late contract says how long its way takes; one that holds, or fails otherwise, does not', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.write('N'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const settings = readSettings(`DATABASE_URL=postgres://app:secret@127.0.0.1:${port}/auth\n`, '/srv/app1.env')
  const target: ProbeTarget = {
    contract: 'login',
    instance: 'app1',
    node: 'primary',
    route: 'application',
    settings,
    mustWrite: true,
  }
  let nowMs = 100_000
  const trips = new RoundTrips({ nodes: [] }, () => nowMs, new AbortController().signal)
  try {
    expect(trips.with(target, late).roundTripMs).toBeUndefined()
    await new Promise<void>((resolve) => trips.start(target, late, resolve))
    expect(trips.with(target, late).roundTripMs).toBeGreaterThanOrEqual(0)
    expect(trips.with(target, contract('primary')).roundTripMs).toBeUndefined()
    expect(trips.with(target, { ...late, layer: 'auth' }).roundTripMs).toBeUndefined()
    nowMs += 60_000
    expect(trips.with(target, late).roundTripMs).toBeUndefined()
  } finally {
    await trips.close()
    server.close()
  }
})
