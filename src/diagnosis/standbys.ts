import type { Case, Evidence } from '../core/diagnosis.ts'
import { lsnReached } from '../core/lsn.ts'
import type { NodeView } from '../core/snapshot.ts'
import { evidenceOf } from './evidence.ts'
import { factOf, nodeOf } from './look.ts'

/** A physical standby and the node whose WAL it follows. */
export interface PhysicalPair {
  readonly standby: NodeView
  readonly upstream: NodeView
}

export const physicalPairs = (c: Case): readonly PhysicalPair[] =>
  c.snapshot.nodes.flatMap((standby) => {
    const upstream = standby.role === 'standby' ? nodeOf(c, standby.upstream) : null
    return upstream ? [{ standby, upstream }] : []
  })

/** After so long without an answer what is known of a node is what it was, not what it is. */
const silentMs = 3_000
export const isSilent = (c: Case, node: string): boolean => (c.unansweredMs[node] ?? 0) >= silentMs

/** It has replayed all that its upstream has written: nothing there is old. The standby is read first, so that this is sure. */
export function caughtUp({ standby, upstream }: PhysicalPair): Evidence | null {
  const replayed = factOf(standby, 'wal')?.replayLsn
  const wal = factOf(upstream, 'wal')
  const written = wal?.writeLsn ?? wal?.replayLsn
  if (replayed == null || written == null || !lsnReached(replayed, written)) return null
  return evidenceOf(
    standby.name,
    'pg_last_wal_replay_lsn(), pg_current_wal_lsn()',
    `${standby.name} has replayed up to ${replayed}, all that ${upstream.name} has written (${written})`,
    { replay_lsn: replayed, write_lsn: written },
  )
}

/** WAL streams to it. */
export const isStreaming = (standby: NodeView): boolean =>
  (factOf(standby, 'receiver') ?? []).some(({ status }) => status === 'streaming')
