import type { Layer } from '../../core/facts/cluster.ts'

const pausesMs = [0, 500, 1000, 2000] as const
/** After a refused login: servers and their guards lock out who keeps trying. */
const authPausesMs = [0, 2000, 5000, 10_000, 30_000] as const

/** How long to wait after so many failures in a row. Short where only the network or the server is away: its return is what we wait for. */
export function backoffMs(failures: number, layer: Layer): number {
  const pauses = layer === 'auth' ? authPausesMs : pausesMs
  return pauses[Math.min(failures, pauses.length) - 1] ?? 0
}
