import { setTimeout as sleep } from 'node:timers/promises'
import type { ContractFact } from '../../core/facts/cluster.ts'
import { lsnDistance } from '../../core/lsn.ts'
import type { Refusal } from '../../core/plan.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { isOwnSession } from '../../core/own-session.ts'
import { broken } from './production-test.ts'
import type { Production } from './reach.ts'

const limits = {
  lagBytes: { default: 64 * 1024 * 1024, unit: 'bytes', why: 'some seconds of a busy primary; a rewrite is more' },
  patienceMs: { default: 60_000, unit: 'ms', why: 'a standby that falls behind catches up, or needs a person' },
  pollMs: { default: 1_000, unit: 'ms', why: 'a lag that falls is not to be missed by much' },
} as const

export interface Looking {
  readonly look: () => Promise<Snapshot>
  readonly contracts: () => Promise<readonly ContractFact[]>
  readonly signal: AbortSignal
}

/** Why the next step must not be begun: a contract that held before fails now, or a node has fallen behind and does not catch up. */
export async function whyNotNow(before: Production, { look, contracts, signal }: Looking): Promise<Refusal | null> {
  const [failing] = broken(before.contracts, await contracts())
  if (failing) {
    const { contract, node, layer, message } = failing
    return {
      id: 'contract-fails',
      why: `a new connection of ${contract} to ${node} fails now: ${message ?? layer ?? ''}`,
      evidence: { contract, node },
    }
  }
  const untilMs = performance.now() + limits.patienceMs.default
  for (;;) {
    const behind = behindNow(before.snapshot, await look())
    if (behind === null || performance.now() > untilMs) return behind
    await sleep(limits.pollMs.default, undefined, { signal })
  }
}

/** A sender that is farther behind than before the change by more than the limit, or that is gone. */
export function behindNow(before: Snapshot, now: Snapshot): Refusal | null {
  const were = lags(before)
  const are = lags(now)
  for (const [name, was] of were) {
    const is = are.get(name)
    if (is === undefined)
      return { id: 'stream-gone', why: `${name} is not sent anything any more`, evidence: { stream: name } }
    if (is - was > limits.lagBytes.default)
      return {
        id: 'lag-grows',
        why: `${name} has fallen behind by ${Math.round((is - was) / 1024 / 1024)} MiB more than before the change`,
        evidence: { stream: name, lag_bytes: is, lag_bytes_before: was },
      }
  }
  return null
}

/** Bytes that each consumer has not replayed, by its name at its sender. */
function lags({ nodes }: Snapshot): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const { name: node, facts } of nodes) {
    if (!facts.senders.seen || !facts.wal.seen) continue
    const { writeLsn } = facts.wal.value
    for (const { applicationName, slot, replayLsn } of facts.senders.value) {
      if (writeLsn === null || replayLsn === null || isOwnSession({ application: applicationName })) continue
      // A copy of a new table has a walsender of its own, for a moment.
      if (/_sync_\d+_\d+$/.test(applicationName)) continue
      found.set(`${slot ?? applicationName} of ${node}`, Math.max(0, lsnDistance(replayLsn, writeLsn)))
    }
  }
  return found
}
