import type { HostsFact } from './facts/cluster.ts'
import type { ReceiverFact } from './facts/postgres/replication.ts'
import type { ServerFact } from './facts/postgres/server.ts'
import type { WalFact } from './facts/postgres/wal.ts'
import { applyDelayMs, behindMs, seconds, type Writer } from './lag.ts'

/** A standby that could take the place of its primary. */
export interface Candidate {
  readonly name: string
  readonly server: ServerFact
  readonly wal: WalFact
  readonly receiver: readonly ReceiverFact[]
  readonly earlier: readonly { readonly receiver: readonly ReceiverFact[]; readonly atMs: number }[]
  readonly settings: Readonly<Record<string, string>> | undefined
}

export interface TakeoverLimits {
  /** Of writes that would be missing. */
  readonly lostMs: number
  /** Of the disk. */
  readonly freeShare: number
  /** For so long a standby that streamed still counts as one that does. */
  readonly graceMs: number
}

/** Why a standby should not be promoted now, in its own words; none: it could take over. `primary` is null while it cannot be seen. */
export function takeoverObstacles(
  node: Candidate,
  primary: (Writer & { readonly server: ServerFact }) | null,
  {
    limits,
    hosts,
    atMs,
  }: { readonly limits: TakeoverLimits; readonly hosts: HostsFact | undefined; readonly atMs: number },
): readonly string[] {
  const streams = ({ receiver }: Pick<Candidate, 'receiver'>): boolean =>
    receiver.some(({ status }) => status === 'streaming')
  const delayMs = applyDelayMs(node.settings)
  const recent = node.earlier.filter((past) => atMs - past.atMs < limits.graceMs)
  const isConnected = streams(node) || recent.some(streams)
  const received = node.wal.receiveLsn ?? node.wal.replayLsn
  const lostMs = primary && received !== null ? behindMs(received, primary) : 0
  const timeline = primary?.wal.timeline ?? null
  const own = node.receiver[0]?.timeline ?? node.wal.timeline
  const full = hosts?.hosts
    .find((host) => host.node === node.name)
    ?.disks.find(({ freeBytes, totalBytes }) => freeBytes < totalBytes * limits.freeShare)
  return [
    ...(primary && primary.server.systemId !== node.server.systemId ? ['it is a copy of another system'] : []),
    // While the primary is gone nobody streams: then what was received counts.
    ...(primary && !isConnected ? ['it does not stream'] : []),
    ...(!isConnected && timeline !== null && own !== null && own !== timeline
      ? [`it is on timeline ${own}, not ${timeline}`]
      : []),
    ...(lostMs >= limits.lostMs ? [`it lacks the last ${seconds(lostMs)} of writes`] : []),
    ...(delayMs > 0 ? [`it is delayed by ${seconds(delayMs)} on purpose`] : []),
    ...(node.wal.replayPaused ? ['its replay is paused'] : []),
    ...(full ? [`its ${full.what} disk is full to ${Math.round((1 - full.freeBytes / full.totalBytes) * 100)} %`] : []),
  ]
}
