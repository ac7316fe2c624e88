import type { Finding } from '../../core/finding.ts'
import { behindMs } from '../../core/lag.ts'
import { lsnDistance, type Lsn } from '../../core/lsn.ts'
import { severities } from '../../core/severity.ts'
import type { NodeRole, NodeView, Snapshot } from '../../core/snapshot.ts'
import { takeoverObstacles, type TakeoverLimits } from '../../core/takeover.ts'
import { hopsOf, type Member } from '../../core/upstream.ts'
import { versionText } from '../audit.ts'

/** How a node gets what it has. */
export interface TopologyLink {
  readonly state: string
  readonly slot: string | null
  /** WAL that its upstream has written and this node has not replayed, or not confirmed; null where one end was not seen. */
  readonly lagBytes: number | null
  /** For how long there has been such WAL, as far as this look reaches back. */
  readonly lagMs: number | null
}

export interface TopologyNode {
  readonly name: string
  readonly role: NodeRole | null
  readonly version: string | null
  /** Nearest: a standby may follow a standby. */
  readonly upstream: string | null
  /** Why it was not seen. */
  readonly unseen: string | null
  readonly link: TopologyLink | null
  /** Of a standby and a subscriber: why it could not take over; none: it could. null where that is no question. */
  readonly obstacles: readonly string[] | null
  /** Gravest first. */
  readonly findings: readonly Finding[]
}

/** The nodes in the order of a tree: each behind its upstream. */
export function topology(
  snapshot: Snapshot,
  earlier: readonly Snapshot[],
  findings: readonly Finding[],
  limits: TakeoverLimits,
): readonly TopologyNode[] {
  const members = snapshot.nodes.flatMap((node) => memberOf(node, earlier))
  const nodes = snapshot.nodes.map((node): TopologyNode => {
    const member = members.find(({ name }) => name === node.name)
    const upstream = member ? (hopsOf(member, members)[0]?.name ?? node.upstream) : node.upstream
    const { server } = node.facts
    return {
      name: node.name,
      role: server.seen ? node.role : null,
      version: server.seen ? versionText(server.value.versionNum) : null,
      upstream,
      unseen: server.seen ? null : server.detail,
      link: member ? linkOf(node, member, members, upstream) : null,
      obstacles: member ? obstaclesOf(node, member, members, snapshot, limits) : null,
      findings: findings
        .filter((finding) => finding.node === node.name)
        .toSorted((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity)),
    }
  })
  return inOrder(nodes)
}

type SeenMember = Member & {
  readonly atMs: number
  readonly wal: {
    readonly writeLsn: Lsn | null
    readonly receiveLsn: Lsn | null
    readonly replayLsn: Lsn | null
  } & Parameters<typeof takeoverObstacles>[0]['wal']
  readonly earlier: readonly { readonly wal: SeenMember['wal']; readonly atMs: number }[]
}

function memberOf(node: NodeView, history: readonly Snapshot[]): readonly SeenMember[] {
  const { server, wal, receiver, replicationSlots, settings, senders } = node.facts
  if (!server.seen || !wal.seen) return []
  const earlier = history.flatMap((past) => {
    const fact = past.nodes.find(({ name }) => name === node.name)?.facts.wal
    return fact?.seen ? [{ wal: fact.value, atMs: fact.atMs }] : []
  })
  return [
    {
      name: node.name,
      upstream: node.upstream,
      server: server.value,
      wal: wal.value,
      atMs: wal.atMs,
      earlier,
      wanted: {
        ...(receiver.seen && { receiver: receiver.value }),
        ...(replicationSlots.seen && { replicationSlots: replicationSlots.value }),
        ...(settings.seen && { settings: settings.value }),
        ...(senders.seen && { senders: senders.value }),
      },
    },
  ]
}

function linkOf(
  node: NodeView,
  member: SeenMember,
  members: readonly SeenMember[],
  upstream: string | null,
): TopologyLink | null {
  const source = members.find(({ name }) => name === upstream)
  if (node.role === 'standby') {
    const [receiver] = member.wanted.receiver ?? []
    const lag = lagOf(member.wal.replayLsn, source)
    const state = member.wal.replayPaused ? 'replay paused' : (receiver?.status ?? 'not streaming')
    return { state, slot: receiver?.slot ?? nullable(member.wanted.settings?.['primary_slot_name']), ...lag }
  }
  const states = node.facts.subscriptionStates
  if (node.role !== 'subscriber' || !states.seen) return null
  const slots = source?.wanted.replicationSlots ?? []
  const own = states.value.find(({ slot }) => slots.some(({ name }) => name === slot)) ?? states.value[0]
  if (!own) return null
  const state = !own.enabled ? 'subscription disabled' : own.workerPid === null ? 'not applying' : 'applying'
  const confirmed = slots.find(({ name }) => name === own.slot)?.confirmedFlushLsn ?? null
  return { state, slot: own.slot, ...lagOf(confirmed, source) }
}

const nullable = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text)

/** Of a standby that is followed, what it has replayed is what there is to have. */
function lagOf(position: Lsn | null, source: SeenMember | undefined): Pick<TopologyLink, 'lagBytes' | 'lagMs'> {
  const end = source?.wal.writeLsn ?? source?.wal.replayLsn ?? null
  if (!source || position === null || end === null) return { lagBytes: null, lagMs: null }
  // The upstream is asked last; on one that rests, a follower can still be a record ahead of what was asked before.
  return {
    lagBytes: Math.max(0, lsnDistance(position, end)),
    lagMs: source.wal.writeLsn === null ? null : behindMs(position, source),
  }
}

function obstaclesOf(
  node: NodeView,
  member: SeenMember,
  members: readonly SeenMember[],
  { facts: { hosts }, atMs }: Snapshot,
  limits: TakeoverLimits,
): readonly string[] | null {
  if (node.role === 'subscriber') return ['it is a logical copy, which has only what is published']
  if (node.role !== 'standby') return null
  const root = hopsOf(member, members).at(-1)
  const primary = root && !root.server.inRecovery ? root : null
  const candidate = { ...member, receiver: member.wanted.receiver ?? [], earlier: [], settings: member.wanted.settings }
  return takeoverObstacles(candidate, primary, { limits, hosts: hosts.seen ? hosts.value : undefined, atMs })
}

/** Each behind its upstream; who follows nobody that is named is a root. */
function inOrder(nodes: readonly TopologyNode[]): readonly TopologyNode[] {
  const placed: TopologyNode[] = []
  const place = (node: TopologyNode): void => {
    if (placed.includes(node)) return
    placed.push(node)
    for (const other of nodes) if (other.upstream === node.name) place(other)
  }
  const isRoot = ({ upstream }: TopologyNode): boolean => !nodes.some(({ name }) => name === upstream)
  for (const node of nodes) if (isRoot(node)) place(node)
  // Two that follow each other have no root.
  for (const node of nodes) place(node)
  return placed
}
