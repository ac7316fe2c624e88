import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { ContractFact } from '../../core/facts/cluster.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { ReadFailed } from '../../engines/postgres/rows/node-reader.ts'
import { takeFence, waitFence, type Pair } from '../../rows/fence.ts'
import { comparingLinks, type Links } from '../../rows/links.ts'
import { asPublished } from '../../rows/prepare.ts'
import { TouchedComparer } from '../../rows/touched.ts'
import { isStuck } from '../applies.ts'
import { describedOf, tableIn } from '../described.ts'
import type { ApplyResult, ComparedTable } from '../rehearsal.ts'
import { lookAtCluster, lookAtProduction, type Production } from './reach.ts'

/** What production showed after the change. */
export interface Tested {
  readonly now: Production
  readonly applies: readonly ApplyResult[]
  readonly compared: readonly ComparedTable[]
  /** Nodes that did not come to what the primary had written, and why. */
  readonly late: readonly { readonly node: string; readonly why: string }[]
}

export interface TestOptions {
  readonly cluster: ClusterConfig
  readonly before: Production
  readonly primary: string
  /** Tables that the change names, as `schema.table`. */
  readonly touched: ReadonlySet<string>
  readonly signal: AbortSignal
}

const limits = {
  fenceMs: { default: 30_000, unit: 'ms', why: 'a healthy node needs less than one second' },
  sliceMs: { default: 1_000, unit: 'ms', why: 'between two looks at the counters of errors' },
  pollMs: { default: 1_500, unit: 'ms', why: 'the first offending row is counted within some milliseconds' },
  retryMs: {
    default: 6_000,
    unit: 'ms',
    why: 'a worker that failed is started again after 5 s, and counts once more then',
  },
  compareMs: { default: 60_000, unit: 'ms', why: 'a deploy waits for it; what was not compared is said' },
  maxRows: { default: 100_000, unit: 'rows', why: 'of a larger table its newest rows by key' },
} as const

/** Tests that write nothing into a table: streams, counters over two polls, definitions, contracts, and the touched tables behind a fence. */
export async function testProduction(options: TestOptions): Promise<Tested> {
  const { cluster, before, signal } = options
  const links = comparingLinks(cluster, signal)
  try {
    const late = await waitForAll(options, links)
    const first = errorsIn(await lookAtCluster(cluster, signal))
    const was = errorsIn(before.snapshot)
    const hasGrown = [...first].some(([key, errors]) => errors > (was.get(key) ?? 0))
    await sleep(hasGrown ? limits.retryMs.default : limits.pollMs.default, undefined, { signal })
    const now = await lookAtProduction(cluster, signal)
    const second = errorsIn(now.snapshot)
    const applies = [...second].map(([key, errors]) => applyOf(key, was.get(key) ?? 0, [first.get(key) ?? 0, errors]))
    const stuck = new Set(applies.filter(isStuck).map(({ node }) => node))
    const compared = await compareTouched(
      options,
      links,
      now.snapshot,
      new Set([...stuck, ...late.map(({ node }) => node)]),
    )
    return { now, applies, compared, late: late.filter(({ node }) => !stuck.has(node)) }
  } finally {
    await links.close()
  }
}

/** Of tables that are there already, on each node that carries them: what differed before the change is not its fault. */
export async function compareBefore(options: TestOptions): Promise<readonly ComparedTable[]> {
  const links = comparingLinks(options.cluster, options.signal)
  try {
    return await compareTouched(options, links, options.before.snapshot, new Set())
  } finally {
    await links.close()
  }
}

const separator = ' '
const errorsIn = ({ nodes }: Snapshot): ReadonlyMap<string, number> =>
  new Map(
    nodes.flatMap(({ name, facts: { subscriptionStates: states } }) =>
      states.seen
        ? states.value.map((state): readonly [string, number] => [
            [name, state.name].join(separator),
            (state.applyErrors ?? 0) + (state.syncErrors ?? 0),
          ])
        : [],
    ),
  )

function applyOf(key: string, before: number, polls: readonly number[]): ApplyResult {
  const [node = '', ...name] = key.split(separator)
  return { node, subscription: name.join(separator), before, polls, message: null, code: null, relation: null }
}

/** Every node has what the primary had written by now, or will not have it. */
async function waitForAll({ cluster, before, primary, signal }: TestOptions, links: Links): Promise<Tested['late']> {
  const { nodes } = before.snapshot
  const followers = nodes.filter(({ upstream }) => upstream === primary).map(({ name }) => name)
  const late = await Promise.all(
    followers.map(async (node) => {
      const pair = await links.pair(node, nodes)
      if (pair === null) return []
      const why = await whyLate(pair, cluster, signal)
      return why === null ? [] : [{ node, why }]
    }),
  )
  return late.flat()
}

async function whyLate(pair: Pair, cluster: ClusterConfig, signal: AbortSignal): Promise<string | null> {
  try {
    const fence = await takeFence(pair.source, signal)
    const untilMs = performance.now() + limits.fenceMs.default
    for (;;) {
      const deadlineMs = limits.sliceMs.default
      const wait = await waitFence(pair, fence, { deadlineMs, passive: cluster.fence === 'passive', signal })
      if (wait.reached) return null
      // It answers before its time is over only where there is nothing to wait for.
      if (wait.ms < deadlineMs || performance.now() > untilMs) return wait.why
    }
  } catch (error) {
    if (error instanceof ReadFailed) return error.message
    throw error
  }
}

async function compareTouched(
  { cluster, primary, touched, signal }: TestOptions,
  links: Links,
  snapshot: Snapshot,
  without: ReadonlySet<string>,
): Promise<readonly ComparedTable[]> {
  const comparer = new TouchedComparer()
  const compared: ComparedTable[] = []
  const there = describedOf(snapshot, primary)
  const untilMs = performance.now() + limits.compareMs.default
  for (const name of touched) {
    const [schema = '', table = ''] = splitAt(name)
    const fact = there && tableIn(there, schema, table)
    if (!fact || fact.kind !== 'table' || fact.unlogged) continue
    for (const node of snapshot.nodes.filter(({ upstream }) => upstream === primary)) {
      if (without.has(node.name) || !carries(snapshot, node.name, schema, table)) continue
      const pair = await links.pair(node.name, snapshot.nodes)
      if (pair === null) continue
      if (performance.now() > untilMs) {
        const detail = `its turn did not come within ${limits.compareMs.default / 1000} s: antemortem verify compares it`
        compared.push({ schema, table, node: node.name, verdict: 'unverifiable', detail })
        continue
      }
      const { verdict, detail } = await comparer.compare({
        pair,
        ...(await asPublished(pair, { schema, table }, signal)),
        maxRows: limits.maxRows.default,
        fence: { deadlineMs: limits.fenceMs.default, passive: cluster.fence === 'passive' },
        signal,
      })
      compared.push({ schema, table, node: node.name, verdict, detail })
    }
  }
  return compared
}

const splitAt = (name: string): readonly string[] => {
  const at = name.indexOf('.')
  return [name.slice(0, at), name.slice(at + 1)]
}

/** A standby has every table; a subscriber those that its subscription lists. What is missing there, the rules say. */
function carries(snapshot: Snapshot, name: string, schema: string, table: string): boolean {
  const node = snapshot.nodes.find((each) => each.name === name)
  if (node?.role === 'standby') return true
  const described = describedOf(snapshot, name)
  return (
    described?.subscriptions.some(({ tables }) => tables.some((one) => one.schema === schema && one.name === table)) ??
    false
  )
}

/** Contracts that hold no more: those that failed before the change as well are not its fault. */
export const broken = (before: readonly ContractFact[], now: readonly ContractFact[]): readonly ContractFact[] => {
  const place = ({ contract, instance, node, route }: ContractFact): string =>
    JSON.stringify([contract, instance, node, route])
  const failing = new Set(before.filter(({ ok }) => !ok).map(place))
  return now.filter((fact) => !fact.ok && !failing.has(place(fact)))
}
