import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import { lsnDistance, type Lsn } from '../../../core/lsn.ts'
import type { NodeView, Snapshot } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { findingsOf, rowEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { staleHarm } from '../../harm.ts'
import { factOf, logicalPairs } from '../../look.ts'
import { isSilent, isStreaming, physicalPairs } from '../../standbys.ts'

/** Rates over less than this are chance. */
const leastMs = 10_000
/** One segment: less is behind and caught up again within a moment. */
const leastBytes = 16 * 1024 * 1024
/** It applies less than this share of what is written. */
const share = 0.8

/** The standby or subscriber works on what it gets, and more is written than it can apply. Only where nothing holds it up. */
const cause: Cause = {
  id: 'replication/lag-load',
  taxonomy: 'replication-lag',
  title: 'a standby or subscriber cannot keep up with what is written',
  follows: ['capacity/overload'],
  *recognise(c) {
    for (const { standby, upstream } of physicalPairs(c)) {
      if (isHeld(standby) || !isStreaming(standby)) continue
      const at = ({ nodes }: Snapshot): Lsn | null => {
        const view = nodes.find(({ name }) => name === standby.name)
        return (view && factOf(view, 'wal')?.replayLsn) ?? null
      }
      const match = matchOf(c, standby, upstream, at)
      if (match) yield match
    }
    for (const { publisher, subscriber } of logicalPairs(c)) {
      const [state, ...more] = factOf(subscriber, 'subscriptionStates') ?? []
      if (!state?.enabled || state.workerPid === null || more.length > 0 || fails(c, subscriber)) continue
      const at = ({ nodes }: Snapshot): Lsn | null => {
        const view = nodes.find(({ name }) => name === publisher.name)
        const slot = view && factOf(view, 'replicationSlots')?.find(({ name }) => name === state.slot)
        return slot?.active === true ? slot.confirmedFlushLsn : null
      }
      const match = matchOf(c, subscriber, publisher, at)
      if (match) yield match
    }
  },
}
export default cause

/** Paused, delayed, or waiting for a session: other causes say so. */
const isHeld = (standby: NodeView): boolean =>
  factOf(standby, 'wal')?.replayPaused !== false ||
  Number(factOf(standby, 'settings')?.['recovery_min_apply_delay'] ?? 0) > 0 ||
  (factOf(standby, 'activity')?.long ?? []).some(({ backendType }) => backendType === 'client backend')

const fails = (c: Case, subscriber: NodeView): boolean => {
  const past = c.earlier?.nodes.find(({ name }) => name === subscriber.name)
  const errors = [subscriber, past].map(
    (view) => (view && factOf(view, 'subscriptionStates')?.[0]?.applyErrors) ?? null,
  )
  return errors[0] !== errors[1]
}

function matchOf(
  c: Case,
  node: NodeView,
  source: NodeView,
  appliedAt: (snapshot: Snapshot) => Lsn | null,
): Match | null {
  const { earlier } = c
  if (!earlier || isSilent(c, node.name) || isSilent(c, source.name)) return null
  const past = earlier.nodes.find(({ name }) => name === source.name)
  const [written, wrote] = [factOf(source, 'wal')?.writeLsn, past && factOf(past, 'wal')?.writeLsn]
  const [applied, had] = [appliedAt(c.snapshot), appliedAt(earlier)]
  const overMs = c.snapshot.atMs - earlier.atMs
  if (written == null || wrote == null || applied === null || had === null || overMs < leastMs) return null
  const [more, done, gap, gapThen] = [
    lsnDistance(wrote, written),
    lsnDistance(had, applied),
    lsnDistance(applied, written),
    lsnDistance(had, wrote),
  ]
  // Nothing done at all is no slow apply: something holds it up.
  if (more <= 0 || done <= 0 || gap < leastBytes || done > share * more) return null
  const rate = (bytes: number): number => Math.round(bytes / (overMs / 1000))
  const read: Evidence = evidenceOf(
    node.name,
    'WAL positions of both nodes',
    `${source.name} wrote ${rate(more)} bytes/s and ${node.name} applied ${rate(done)}: it is ${gap} bytes behind, and was ${gapThen}`,
    { write_rate: rate(more), apply_rate: rate(done), behind_bytes: gap, over_ms: overMs },
  )
  return {
    subject: subject.node(node.name),
    direct: [read],
    indirect: [],
    harm: staleHarm(c, node.name, { isMeant: ({ source: from }) => from === source.name }),
    isNew: c.lastGoodMs !== null && gapThen < leastBytes,
    explains: [
      ...rowEffects(c, node.name),
      ...['replication/lag-time', 'replication/lag-bytes'].flatMap((check) => findingsOf(c, check, node.name)),
    ],
    objects: [subject.node(source.name)],
    remedy: {
      words: `Take reads that must be fresh off ${node.name}, and let what writes so much on ${source.name} go slower.`,
      commands: [
        `on ${source.name}: select pid, usename, application_name, state, left(query, 80) from pg_stat_activity where state = 'active';`,
        `on ${source.name}: select application_name, sent_lsn, flush_lsn, replay_lsn from pg_stat_replication;`,
      ],
    },
  }
}
