import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig, ContractConfig, NodeConfig } from '../../src/core/configuration.ts'
import type { Case } from '../../src/core/diagnosis.ts'
import type { Lab } from '../../src/lab/lab.ts'
import { waitUntil } from '../../src/lab/wait.ts'
import { Watch } from '../../src/watch/watch.ts'
import type { Look } from './look.ts'
import { catalogue } from './replay.ts'

/** Faster than `watch` has it: nobody waits for a second that nothing happens in. */
const pauseMs = 100

/** A watch over the lab, with an application's contract, logs and hosts, and what it has seen. */
export interface Scene {
  /** The folder of the application's settings. */
  readonly folder: string
  /** What is seen now; changes are those since `before`. */
  look(before: Look | null): Look
  /** The same, once every node that answers was asked again. */
  nextLook(before: Look | null): Promise<Look>
}

export interface Cast {
  readonly nodes: Nodes
  /** Nobody's application: then no contract is asked. */
  readonly alone: boolean
}

export type Nodes = (lab: Lab) => readonly NodeConfig[]

export const allNodes: Nodes = (lab) =>
  lab.nodes.map(({ name, dataDir, logFile }) => ({
    name,
    url: lab.url(name, 'watch'),
    act: null,
    host: { ssh: null, data: dataDir, log: logFile },
  }))

/** Watches from a state that is good until the work is done. */
export async function watching<T>(lab: Lab, cast: Cast, work: (scene: Scene) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'antemortem-state-'))
  const ended = new AbortController()
  const watch = await Watch.open(clusterOf(lab, cast, folder), {
    catalogue,
    clock: Date.now,
    signal: ended.signal,
    append: () => Promise.resolve([]),
    onEvent: () => undefined,
    pauseMs,
  })
  const running = watch.run()
  try {
    await waitUntil('the watch to see all that it reads', () => Promise.resolve(seesAll(watch, cast)), { everyMs: 20 })
    return await Promise.race([work(sceneOf(watch, folder)), running.then(() => Promise.reject(new Error('it ended')))])
  } finally {
    ended.abort()
    await running
    await watch.close('the test is over')
    rmSync(folder, { recursive: true, force: true })
  }
}

function sceneOf(watch: Watch, folder: string): Scene {
  const look = (before: Look | null): Look => {
    const { snapshot, changes, unansweredMs } = caseOf(watch)
    const untilMs = before?.snapshot.atMs ?? Infinity
    return { snapshot, changes: changes.filter(({ atMs }) => atMs > untilMs), unansweredMs }
  }
  return {
    folder,
    look,
    nextLook: async (before) => {
      const startedMs = Date.now()
      while (!isNewer(caseOf(watch), startedMs)) await sleep(10)
      return look(before)
    },
  }
}

const isNewer = ({ snapshot }: Case, thanMs: number): boolean =>
  snapshot.atMs > thanMs && snapshot.nodes.every(({ facts: { server } }) => !server.seen || server.atMs > thanMs)

function caseOf({ judged }: Watch): Case {
  if (!judged) throw new Error('nothing was judged yet')
  return judged.case
}

function seesAll({ judged, state }: Watch, { alone }: Cast): boolean {
  if (!judged || state.lastGood.atMs === null || state.history.length < 3) return false
  const { facts, nodes } = judged.case.snapshot
  // A server that is configured twice is seen once.
  const { length } = nodes.filter(({ facts: { server } }) => server.seen)
  if (!facts.hosts.seen || !facts.logs.seen || facts.hosts.value.hosts.length < length) return false
  return facts.logs.value.readable.length >= length && (alone || facts.contracts.seen) && facts.lastGood.seen
}

/** One contract whose reads go to both other nodes, as in the topology. */
function clusterOf(lab: Lab, { nodes, alone }: Cast, folder: string): ClusterConfig {
  const file = join(folder, 'login.env')
  writeFileSync(file, `DATABASE_URL=${lab.url('primary', 'app')}\n`)
  const reads = lab.nodes.filter(({ role }) => role !== 'primary')
  const login: ContractConfig = {
    name: 'login',
    settings: [{ file, key: 'DATABASE_URL' }],
    node: 'primary',
    readOnly: false,
    reads: reads.map(({ name }) => ({ node: name, file: null, key: null })),
    canary: 'select id, name from users where id <= 3 order by id',
    withinMs: 3_000,
    staleMs: 5_000,
    outcomes: null,
  }
  return {
    name: 'auth',
    engine: 'postgres',
    nodes: nodes(lab),
    contracts: alone ? [] : [login],
    fence: 'message',
    invariants: [],
  }
}
