import type { LastGoodFact } from '../core/facts/cluster.ts'
import type { NodeView } from '../core/snapshot.ts'

/** The nodes as they are now, to be compared with later: what was not seen is null, and then nothing is said of it. */
export const goodState = (nodes: readonly NodeView[], atMs: number, by: LastGoodFact['by']): LastGoodFact => ({
  atMs,
  by,
  nodes: nodes.map(({ name, facts }) => ({
    node: name,
    settings: facts.settings.seen ? facts.settings.value : null,
    roleSettings: facts.roleSettings.seen ? facts.roleSettings.value : null,
    accessRulesDigest: facts.accessRules.seen ? facts.accessRules.value.digest : null,
    systemId: facts.server.seen ? facts.server.value.systemId : null,
    replication: {
      inRecovery: facts.server.seen ? facts.server.value.inRecovery : null,
      replayPaused: facts.wal.seen ? facts.wal.value.replayPaused : null,
      slots: facts.replicationSlots.seen
        ? facts.replicationSlots.value
            .filter(({ temporary }) => !temporary)
            .map(({ name: slot, walStatus, invalidation }) => ({
              name: slot,
              isLost: walStatus === 'lost' || invalidation !== null,
            }))
        : null,
    },
  })),
})

/** What one look could not see is still as an earlier one saw it. */
export function mergeGood(before: LastGoodFact | null, now: LastGoodFact): LastGoodFact {
  if (!before) return now
  return {
    ...now,
    nodes: now.nodes.map((node) => {
      const old = before.nodes.find((each) => each.node === node.node)
      return {
        node: node.node,
        settings: node.settings ?? old?.settings ?? null,
        roleSettings: node.roleSettings ?? old?.roleSettings ?? null,
        accessRulesDigest: node.accessRulesDigest ?? old?.accessRulesDigest ?? null,
        systemId: node.systemId ?? old?.systemId ?? null,
        replication: {
          inRecovery: node.replication?.inRecovery ?? old?.replication?.inRecovery ?? null,
          replayPaused: node.replication?.replayPaused ?? old?.replication?.replayPaused ?? null,
          slots: node.replication?.slots ?? old?.replication?.slots ?? null,
        },
      }
    }),
  }
}
