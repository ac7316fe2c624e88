import type { NodeRole } from '../core/snapshot.ts'

/** What a round asks of a node. */
export interface Pollable {
  readonly role: NodeRole | null
  poll(signal: AbortSignal, deadlineMs: number): Promise<void>
}

export interface RoundLimits {
  readonly signal: AbortSignal
  /** For the whole round. */
  readonly deadlineMs: number
  /** How long the primary waits for the others. */
  readonly headStartMs: number
}

/**
 * Asks all nodes at once, the primary a little later: its position is read last, so that a standby never looks ahead of
 * it. The primary does not wait for a node that is dead.
 */
export async function round(
  nodes: readonly Pollable[],
  { signal, deadlineMs, headStartMs }: RoundLimits,
): Promise<void> {
  const startedAt = performance.now()
  const followers = nodes.filter(({ role }) => role !== 'primary')
  const primaries = nodes.filter(({ role }) => role === 'primary')
  const asked = followers.map(async (node) => node.poll(signal, deadlineMs))
  let timer: NodeJS.Timeout | undefined
  const wait = new Promise<void>((resolve) => (timer = setTimeout(resolve, headStartMs)))
  await Promise.race([Promise.allSettled(asked), wait])
  clearTimeout(timer)
  const left = Math.max(1, deadlineMs - (performance.now() - startedAt))
  await Promise.all([...asked, ...primaries.map(async (node) => node.poll(signal, left))])
}
