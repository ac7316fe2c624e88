import { snapshot, t0 } from '../../../../test/builders.ts'
import type { Cluster } from '../../../../test/builders.ts'
import { checks } from '../../../checks/list.generated.ts'
import type { ContractFact } from '../../../core/facts/cluster.ts'
import { inspect } from '../../../findings/inspect.ts'
import type { Allowed } from '../../allow.ts'
import { isAllowed } from '../../allow.ts'
import { applyResultsOf } from '../as-rehearsal.ts'
import { differencesBetween } from '../differences.ts'
import type { ContractSeen, Moment, TableContents } from '../moment.ts'
import type { Wrapped } from '../wrapped.ts'

/** What a moment has beside the cluster itself. */
type Beside = Partial<Pick<Moment, 'contracts' | 'replication' | 'contents' | 'beats' | 'writers'>>

export const moment = (cluster: Cluster = {}, beside: Beside = {}): Moment => {
  const seen = snapshot(cluster)
  return {
    snapshot: seen,
    results: inspect(checks, seen, []),
    contracts: [],
    replication: [],
    contents: [],
    beats: [],
    writers: new Map(),
    ...beside,
  }
}

/** A contract that is well on a node; a test says what is not. */
export const contractSeen = (node: string, more: Partial<ContractFact> = {}, answer = 'a'): ContractSeen => ({
  fact: {
    contract: 'login',
    instance: 'app',
    node,
    from: 'here',
    role: 'app',
    atMs: t0,
    ok: true,
    layer: null,
    code: null,
    message: null,
    ms: 3,
    failures: 0,
    route: 'application',
    ...more,
  },
  remedy: null,
  answer: { rows: 3, digest: answer },
})

export const rowsOf = (node: string, table: string, rows: number, hash = String(rows)): TableContents => ({
  node,
  schema: 'public',
  table,
  contents: { rows, hash },
  unread: null,
})

/** A command that went well and changed nothing; a test says what it did. */
export const wrapped = (
  more: Partial<Wrapped> & { readonly was?: Moment; readonly is?: Moment; readonly allow?: readonly Allowed[] } = {},
): Wrapped => {
  const { was = moment(), is = was, allow = [], ...rest } = more
  const changes = differencesBetween(was, is)
  return {
    command: {
      exit: 0,
      signal: null,
      timedOut: false,
      interrupted: false,
      leftBehind: [],
      startedMs: t0,
      endedMs: t0 + 1000,
    },
    words: 'npm run migrate',
    primary: 'primary',
    before: was,
    after: is,
    again: null,
    applies: applyResultsOf(was.snapshot, [is.snapshot]),
    changes,
    undeclared: changes.filter((change) => !isAllowed(change, allow)),
    allowed: allow,
    files: [],
    connections: [],
    serving: new Set(),
    listening: [],
    isRehearsed: false,
    ...rest,
  }
}
