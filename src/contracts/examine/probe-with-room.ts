import { walsendersLeft } from '../../engines/postgres/logins/walsenders-left.ts'
import { probe, type ProbeOptions, type ProbeResult } from '../probe.ts'
import type { ProbeTarget } from '../targets.ts'
import type { NodeReaders } from './node-readers.ts'

const limits = {
  askMs: { default: 2_000, unit: 'ms', why: 'one number' },
} as const

/** One new connection; before a login of replication the reading role looks whether it would take the last walsender. */
export async function probeWithRoom(
  target: ProbeTarget,
  options: ProbeOptions,
  readers: NodeReaders,
): Promise<ProbeResult> {
  if (!('settings' in target) || !target.settings.source.isReplication) return probe(target, options)
  const reader = await readers.reach(target.node)
  const asking = { signal: options.signal, deadlineMs: limits.askMs.default }
  return probe(target, { ...options, walsenders: reader && (await walsendersLeft(reader, asking)) })
}
