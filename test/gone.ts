/** A primary that is gone or badly reached, as the tests of the causes behind it need it: each states only what is its own. */
import type { Case, Diagnosis } from '../src/core/diagnosis.ts'
import type { ContractFact, LogsFact, PathFact } from '../src/core/facts/cluster.ts'
import type { Snapshot } from '../src/core/snapshot.ts'
import { contract, finding, host, logs, outcomes, snapshot, t0, type Cluster } from './builders.ts'
import { diagnosed, named } from './diagnosing.ts'

/** Refused at once, from where we look. */
export const refused: PathFact = {
  from: 'here',
  node: 'primary',
  atMs: t0,
  ok: false,
  reached: false,
  ms: 1,
  detail: 'connect ECONNREFUSED',
}

export const absentHost = {
  hosts: [host('primary', { postmaster: 'absent' as const, pid: null, port: null })],
  blind: [],
}
export const noHost = { hosts: [], blind: [] }
export const unreadLogs: LogsFact = { readable: [], blind: [], entries: [] }

/** Its path and its contract are refused, its host has no postmaster, and its log is read and says nothing. */
export const gone = (facts: Cluster['facts'] = {}): Snapshot =>
  snapshot({
    facts: {
      paths: [refused],
      hosts: absentHost,
      logs: logs([]),
      contracts: [contract('primary', { ok: false, layer: 'tcp', code: 'ECONNREFUSED', failures: 3 })],
      outcomes: outcomes({ primary: 'ECONNREFUSED' }),
      ...facts,
    },
  })

/** What is found where the primary has been gone for so long. */
export const goneFindings = (forMs = 4_000): Case['findings'] => [
  finding('connections/reachable', { node: 'primary', subject: 'here→primary', sinceMs: t0 - forMs }),
  finding('connections/contract', { node: 'primary', subject: 'contract login:app1→primary' }),
  finding('application/outcomes', { node: 'primary', subject: 'primary' }),
]

export const judgeGone = (facts: Cluster['facts'] = {}, more: Partial<Case> = {}): Diagnosis =>
  diagnosed({
    snapshot: gone(facts),
    findings: goneFindings(),
    unansweredMs: { primary: 5_000, standby: 10, subscriber: 10 },
    ...more,
  })

/** Without what the standby and the subscriber suffer from it. */
export const namedThere = (diagnosis: Diagnosis): readonly string[] =>
  named(diagnosis).filter((each) => !each.startsWith('replication/'))

/** Each of three instances waits for this node as long as it can, while the watcher's own way to it is quick. */
export const lateOn =
  (node: string, roundTripMs: number | null) =>
  (more: Partial<ContractFact> = {}): readonly ContractFact[] =>
    ['app1', 'app2', 'app3'].map((instance) =>
      contract(node, {
        instance,
        ok: false,
        layer: 'latency',
        code: 'CLIENT_DEADLINE',
        ms: 2000,
        roundTripMs,
        directTripMs: 2,
        failures: 3,
        ...more,
      }),
    )

/** Nobody measured the way alone. */
export const untimed = (result: ContractFact): ContractFact => {
  const { roundTripMs, ...rest } = result
  return roundTripMs === undefined ? result : rest
}
