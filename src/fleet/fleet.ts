import type { Change } from '../core/change.ts'
import type { ClusterConfig } from '../core/configuration.ts'
import type { PathFact } from '../core/facts/cluster.ts'
import type { NodeView } from '../core/snapshot.ts'
import { openNode } from '../engines/postgres/index.ts'
import { NodeWatch } from './node-watch.ts'
import type { Placed } from './roles.ts'
import { rolesOf } from './roles.ts'
import { round } from './round.ts'
import { asTwin, twinsOf, type Twins } from './same-server.ts'

/** What one round over all nodes brought. */
export interface FleetTick {
  readonly atMs: number
  readonly nodes: readonly NodeView[]
  /** New since the last tick. */
  readonly changes: readonly Change[]
  readonly paths: readonly PathFact[]
  /** How long each node has not answered; 0 for one that does. */
  readonly unansweredMs: Readonly<Record<string, number>>
}

/** The nodes of one cluster, each with its own connection. */
export interface Fleet {
  /** One round. Never rejects because of a node: only when aborted. */
  tick(): Promise<FleetTick>
  close(): Promise<void>
}

export interface FleetOptions {
  /** Milliseconds since the epoch on the watcher's clock. */
  readonly clock: () => number
  readonly signal: AbortSignal
  readonly applicationName?: string
  /** A round is over after this long, whoever has not answered. */
  readonly roundMs?: number
}

const headStartMs = 150
const connectMs = 2000
/** A server that takes two seconds for each answer has let us in by then. */
const answerMs = 12_000

/** Connects to all nodes at once; one that does not answer is a fact, not a failure. */
export async function openFleet(cluster: Pick<ClusterConfig, 'nodes'>, options: FleetOptions): Promise<Fleet> {
  const { clock, signal, applicationName = 'antemortem', roundMs = 900 } = options
  const links = await Promise.all(
    cluster.nodes.map(async ({ name, url }) =>
      openNode({ name, url, applicationName, signal, deadlineMs: connectMs, answerMs }),
    ),
  )
  const watches = links.map((link) => new NodeWatch(link, clock))
  let placed: ReadonlyMap<string, Placed> = new Map()
  let twins: Twins = new Map()
  const view = (atMs: number): readonly NodeView[] => {
    const answered = watches.map((watch) => ({ name: watch.link.name, facts: watch.facts(atMs) }))
    twins = twinsOf(answered, twins, atMs)
    const known = answered.map(({ name, facts }) => {
      const twin = twins.get(name)
      return { name, facts: twin ? asTwin(facts, twin) : facts }
    })
    placed = rolesOf(known, placed)
    return known.map(({ name, facts }) => ({
      name,
      kind: 'postgres',
      role: placed.get(name)?.role ?? null,
      upstream: placed.get(name)?.upstream ?? null,
      facts,
    }))
  }
  return {
    async tick() {
      const nodes = watches.map((watch) => ({
        role: placed.get(watch.link.name)?.role ?? null,
        poll: async (polled: AbortSignal, deadlineMs: number) => watch.poll(polled, deadlineMs),
      }))
      await round(nodes, { signal, deadlineMs: roundMs, headStartMs })
      const atMs = clock()
      const seen = view(atMs)
      const taken = watches.map((watch) => ({ name: watch.link.name, changes: watch.takeChanges() }))
      return {
        atMs,
        nodes: seen,
        changes: taken.flatMap(({ name, changes }) => (twins.has(name) ? [] : changes)),
        paths: watches.map((watch) => watch.path(atMs)),
        unansweredMs: Object.fromEntries(watches.map((watch) => [watch.link.name, watch.unansweredMs(atMs)])),
      }
    },
    async close() {
      await Promise.all(watches.map(async (watch) => watch.close()))
    },
  }
}
