import { identifySystem } from '../engines/postgres/logins/identify-system.ts'
import { lastWalsender, tooSlow } from './answer-verdicts.ts'
import { layerOf } from './layer.ts'
import { contextOf, type Outcome, type ProbeOptions } from './probe.ts'
import type { UsableTarget } from './targets.ts'

/**
 * A standby's own login, as its receiver makes it: what it meets is the lines for replication, the attribute of its role and
 * max_wal_senders. It has no database: a canary, a search path or a pool is no question to it.
 */
export async function attemptReplication(
  { settings }: UsableTarget,
  { signal, walsenders, withinMs, applicationName }: ProbeOptions & { readonly applicationName: string },
): Promise<Outcome> {
  const nothing = { answer: null, server: null }
  if (walsenders === 1) return { ...nothing, verdict: lastWalsender(), ms: 0 }
  const startedAt = performance.now()
  const deadlineMs = settings.pool.connectTimeoutMs
  const asked = await identifySystem(settings.address(), 'physical', { applicationName, signal, deadlineMs })
  if (!asked.ok)
    return {
      ...nothing,
      verdict: layerOf(asked.failure, contextOf(settings, null)),
      ms: performance.now() - startedAt,
    }
  return { ...nothing, verdict: tooSlow({ ms: asked.ms, connectMs: asked.ms, withinMs }), ms: asked.ms }
}
