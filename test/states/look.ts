import type { Change } from '../../src/core/change.ts'
import type { ClusterFacts } from '../../src/core/facts/cluster.ts'
import type { PostgresFacts } from '../../src/core/facts/postgres/index.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { NodeView, Snapshot } from '../../src/core/snapshot.ts'

/** What the watch saw at one moment, as it hands it to its own judgement. */
export interface Look {
  readonly snapshot: Snapshot
  /** Those that were not there at the look before. */
  readonly changes: readonly Change[]
  readonly unansweredMs: Readonly<Record<string, number>>
}

const mapSeen = <T>(fact: Observation<T>, ms: number, map: (value: T) => T = (value) => value): Observation<T> =>
  fact.seen ? { ...fact, atMs: fact.atMs + ms, value: map(fact.value) } : fact

const moved = <T extends { readonly atMs: number }>(all: readonly T[], ms: number): readonly T[] =>
  all.map((one) => ({ ...one, atMs: one.atMs + ms }))

/**
 * The same, had it gone on for so much longer: everything was read again, and transactions, waits and silences are older by
 * that. What was written down with its time (starts, log lines, changes) stays where it was. So nobody waits in a test.
 */
export function later({ snapshot, unansweredMs }: Look, ms: number): Look {
  return {
    snapshot: {
      ...snapshot,
      atMs: snapshot.atMs + ms,
      nodes: snapshot.nodes.map((node) => ({ ...node, facts: factsLater(node.facts, ms) })),
      facts: clusterLater(snapshot.facts, ms),
    },
    changes: [],
    unansweredMs: Object.fromEntries(
      Object.entries(unansweredMs).map(([node, silent]) => [node, silent > 0 ? silent + ms : 0]),
    ),
  }
}

function factsLater(facts: NodeView['facts'], ms: number): NodeView['facts'] {
  const longer = (one: PostgresFacts['activity']['long'][number]) => ({
    ...one,
    xactMs: one.xactMs + ms,
    stateMs: one.stateMs + ms,
  })
  return {
    server: mapSeen(facts.server, ms, (server) => ({ ...server, nowMs: server.nowMs + ms })),
    wal: mapSeen(facts.wal, ms),
    senders: mapSeen(facts.senders, ms),
    receiver: mapSeen(facts.receiver, ms),
    replicationSlots: mapSeen(facts.replicationSlots, ms),
    subscriptionStates: mapSeen(facts.subscriptionStates, ms),
    sessions: mapSeen(facts.sessions, ms),
    blocked: mapSeen(facts.blocked, ms, (blocked) =>
      blocked.map((one) => ({
        ...one,
        waitMs: one.waitMs + ms,
        blockerXactMs: one.blockerXactMs === null ? null : one.blockerXactMs + ms,
      })),
    ),
    tick: mapSeen(facts.tick, ms),
    tables: mapSeen(facts.tables, ms),
    publications: mapSeen(facts.publications, ms),
    subscriptions: mapSeen(facts.subscriptions, ms),
    settings: mapSeen(facts.settings, ms),
    pendingRestart: mapSeen(facts.pendingRestart, ms),
    activity: mapSeen(facts.activity, ms, (activity) => ({ ...activity, long: activity.long.map(longer) })),
    databases: mapSeen(facts.databases, ms),
    roles: mapSeen(facts.roles, ms),
    roleSettings: mapSeen(facts.roleSettings, ms),
    accessRules: mapSeen(facts.accessRules, ms),
    fileSettings: mapSeen(facts.fileSettings, ms),
    privileges: mapSeen(facts.privileges, ms),
    badIndexes: mapSeen(facts.badIndexes, ms),
    sequences: mapSeen(facts.sequences, ms),
    extensions: mapSeen(facts.extensions, ms),
    functions: mapSeen(facts.functions, ms),
    triggers: mapSeen(facts.triggers, ms),
  }
}

function clusterLater(facts: Snapshot['facts'], ms: number): Snapshot['facts'] {
  const hostsLater = (hosts: ClusterFacts['hosts']) => ({ ...hosts, hosts: moved(hosts.hosts, ms) })
  return {
    contracts: mapSeen(facts.contracts, ms, (contracts) => moved(contracts, ms)),
    canaries: mapSeen(facts.canaries, ms, (canaries) => moved(canaries, ms)),
    outcomes: mapSeen(facts.outcomes, ms),
    touched: mapSeen(facts.touched, ms, (touched) => moved(touched, ms)),
    paths: mapSeen(facts.paths, ms, (paths) => moved(paths, ms)),
    logs: mapSeen(facts.logs, ms),
    hosts: mapSeen(facts.hosts, ms, hostsLater),
    files: mapSeen(facts.files, ms, (files) => moved(files, ms)),
    lastGood: mapSeen(facts.lastGood, ms),
    invariants: mapSeen(facts.invariants, ms, (invariants) => moved(invariants, ms)),
  }
}
