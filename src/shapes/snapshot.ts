import { z } from 'zod'
import type { Snapshot } from '../core/snapshot.ts'
import { clusterFacts as cluster } from './facts/cluster.ts'
import { observation } from './facts/observation.ts'
import { postgresFacts as postgres } from './facts/postgres.ts'
import { list } from './scalar.ts'

const nodeView = z.object({
  name: z.string(),
  kind: z.literal('postgres'),
  role: z.enum(['primary', 'standby', 'subscriber']).nullable(),
  upstream: z.string().nullable(),
  facts: z.object({
    server: observation(postgres.server),
    wal: observation(postgres.wal),
    senders: observation(postgres.senders),
    receiver: observation(postgres.receiver),
    replicationSlots: observation(postgres.replicationSlots),
    subscriptionStates: observation(postgres.subscriptionStates),
    sessions: observation(postgres.sessions),
    blocked: observation(postgres.blocked),
    tick: observation(postgres.tick),
    tables: observation(postgres.tables),
    publications: observation(postgres.publications),
    subscriptions: observation(postgres.subscriptions),
    settings: observation(postgres.settings),
    pendingRestart: observation(postgres.pendingRestart),
    activity: observation(postgres.activity),
    databases: observation(postgres.databases),
    roles: observation(postgres.roles),
    roleSettings: observation(postgres.roleSettings),
    accessRules: observation(postgres.accessRules),
    fileSettings: observation(postgres.fileSettings),
    privileges: observation(postgres.privileges),
    badIndexes: observation(postgres.badIndexes),
    sequences: observation(postgres.sequences),
    extensions: observation(postgres.extensions),
    functions: observation(postgres.functions),
    triggers: observation(postgres.triggers),
  }),
})

/** A snapshot as it stands in bundles and recordings: core's own names, because it is read by no one else. */
export const snapshotShape = z.object({
  cluster: z.string(),
  atMs: z.number(),
  nodes: list(nodeView),
  facts: z.object({
    contracts: observation(cluster.contracts),
    canaries: observation(cluster.canaries),
    outcomes: observation(cluster.outcomes),
    touched: observation(cluster.touched),
    paths: observation(cluster.paths),
    logs: observation(cluster.logs),
    hosts: observation(cluster.hosts),
    files: observation(cluster.files),
    lastGood: observation(cluster.lastGood),
    invariants: observation(cluster.invariants),
  }),
}) satisfies z.ZodType<Snapshot>
