import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig, ContractConfig } from '../core/configuration.ts'
import { AntemortemError } from '../core/error.ts'
import { demandsAt } from './examine/demands.ts'
import { examine, type Examined } from './examine/examine.ts'
import { explain } from './examine/explain.ts'
import { NodeReaders } from './examine/node-readers.ts'
import { probeWithRoom } from './examine/probe-with-room.ts'
import { withNotes } from './examine/with-notes.ts'
import type { ContractNote } from './examine/note.ts'
import type { ProbeResult } from './probe.ts'
import { oneEach } from './results.ts'
import { targetsOf, type ProbeTarget, type ReadText } from './targets.ts'

export interface ContractTest {
  readonly cluster: ClusterConfig
  readonly contract: ContractConfig
  readonly key: Buffer
  readonly from: string
  readonly signal: AbortSignal
}

/** An answer, and what the test saw beside it. */
export interface TestedContract extends ProbeResult {
  readonly notes: readonly ContractNote[]
}

/** A result with the connection that it is of. */
interface Tried extends ProbeResult {
  readonly target: ProbeTarget
}

/**
 * Every connection of a contract, once, with what a single answer does not show. Settings that name no database or several are the
 * user's to mend first (exit 2).
 */
export async function testContract(test: ContractTest, readText: ReadText): Promise<readonly TestedContract[]> {
  const targets = targetsOf(test.cluster, test.contract, readText)
  assertReadable(targets)
  const results = await answersOf(targets, test)
  const tested = await examineAll(results, test, readText)
  return oneEach(tested).map((kept) => ({ ...kept, notes: notesOf(tested.filter((each) => isSame(each, kept))) }))
}

const isSame = ({ fact }: TestedContract, { fact: kept }: TestedContract): boolean =>
  fact.contract === kept.contract && fact.instance === kept.instance && fact.node === kept.node

/** Of all routes of one instance to one node: that it writes by one of them is true of it whichever speaks. */
const notesOf = (routes: readonly TestedContract[]): readonly ContractNote[] => [
  ...new Map(routes.flatMap(({ notes }) => notes.map((note) => [`${note.severity} ${note.message}`, note]))).values(),
]

/** Only whether every connection stands and its canary answers: what may be asked again and again while a change is carried out. */
export async function connectAll(test: ContractTest, readText: ReadText): Promise<readonly ProbeResult[]> {
  const targets = targetsOf(test.cluster, test.contract, readText)
  assertReadable(targets)
  return oneEach(await answersOf(targets, test))
}

/** A canary that differs is asked again until replication has had the time that the contract gives it. */
async function answersOf(targets: readonly ProbeTarget[], test: ContractTest): Promise<readonly Tried[]> {
  return settled(await probeAll(targets, test), targets, test)
}

function assertReadable(targets: readonly ProbeTarget[]): void {
  const problems = targets.flatMap((target) =>
    'problem' in target && target.problem.code === 'settings' ? [target.problem] : [],
  )
  const [first] = problems
  if (!first) return
  const messages = [...new Set(problems.map(({ message }) => message))]
  throw new AntemortemError('settings', messages.join('\n'), first.remedy, { exit: 2 })
}

/** Nodes at once, the connections to one node one after the other: a test must not be a load. */
async function nodeByNode<One extends { readonly target: ProbeTarget }, Result>(
  all: readonly One[],
  each: (one: One) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Map<One, Result>()
  await Promise.all(
    [...Map.groupBy(all, ({ target }) => target.node).values()].map(async (group) => {
      for (const one of group) results.set(one, await each(one))
    }),
  )
  return all.flatMap((one) => results.get(one) ?? [])
}

async function probeAll(targets: readonly ProbeTarget[], test: ContractTest): Promise<readonly Tried[]> {
  const { cluster, contract, key, from, signal } = test
  const options = { signal, canary: contract.canary, withinMs: contract.withinMs, key, from }
  const readers = new NodeReaders(cluster, signal)
  try {
    return await nodeByNode(
      targets.map((target) => ({ target })),
      async ({ target }) => ({ ...(await probeWithRoom(target, options, readers)), target }),
    )
  } finally {
    await readers.close()
  }
}

/** Once the answers are there: what else can be seen of each connection, and why a login was refused. */
async function examineAll(
  results: readonly Tried[],
  test: ContractTest,
  readText: ReadText,
): Promise<readonly TestedContract[]> {
  const { cluster, contract, signal } = test
  const readers = new NodeReaders(cluster, signal)
  const seen = new Map<Tried, Examined>()
  try {
    await nodeByNode(results, async (result) => {
      const { target } = result
      if (!('settings' in target)) return
      const demands = demandsAt(cluster, target.settings, readText)
      const examined = await examine({ target, result, contract, demands, signal })
      const more = examined.remedy === null ? await explain(target, result, readers, signal) : null
      seen.set(result, { ...examined, ...more })
    })
  } finally {
    await readers.close()
  }
  // The way by which it writes comes first.
  const own = results.find(({ fact }) => fact.node === contract.node)
  return results.map((result) =>
    withNotes(result, seen.get(result), {
      node: contract.node,
      tables: own === undefined || own.fact.node === result.fact.node ? [] : (seen.get(own)?.tables ?? []),
    }),
  )
}

const everyMs = 250

/** A row that is on its way is no difference: what still differs after `stale_ms` is. */
async function settled(
  first: readonly Tried[],
  targets: readonly ProbeTarget[],
  test: ContractTest,
): Promise<readonly Tried[]> {
  const endMs = performance.now() + test.contract.staleMs
  let results = first
  while (differing(results, test.contract).size > 0 && performance.now() < endMs) {
    await sleep(everyMs, undefined, { signal: test.signal })
    results = await probeAll(targets, test)
  }
  const different = differing(results, test.contract)
  return results.map((result) => (different.has(result) ? asDifferent(result, test.contract) : result))
}

/** Answers that are not that of the contract's own node. Without one there is nothing to compare with. */
function differing(results: readonly Tried[], { node, canary }: ContractConfig): ReadonlySet<Tried> {
  const reference =
    canary === null ? undefined : results.find(({ fact, answer }) => fact.node === node && answer !== null)
  if (!reference) return new Set()
  return new Set(results.filter(({ answer }) => answer !== null && answer.digest !== reference.answer?.digest))
}

function asDifferent(result: Tried, { node, staleMs, name }: ContractConfig): Tried {
  const message = `the canary's answer differs from that of ${node}, and still did after ${staleMs} ms`
  const remedy = `Run the canary of ${name} on both and compare; then look at the replication of ${result.fact.node}: antemortem diagnose.`
  return { ...result, fact: { ...result.fact, ok: false, layer: 'data', message, failures: 1 }, remedy }
}
