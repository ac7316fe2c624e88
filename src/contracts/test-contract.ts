import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig, ContractConfig } from '../core/configuration.ts'
import { AntemortemError } from '../core/error.ts'
import { probe, type ProbeResult } from './probe.ts'
import { oneEach } from './results.ts'
import { targetsOf, type ProbeTarget, type ReadText } from './targets.ts'

export interface ContractTest {
  readonly cluster: ClusterConfig
  readonly contract: ContractConfig
  readonly key: Buffer
  readonly from: string
  readonly signal: AbortSignal
}

/**
 * Every connection of a contract, once. Settings that name no database or several are the user's to mend first (exit 2); a
 * canary that differs is asked again until replication has had the time that the contract gives it.
 */
export async function testContract(test: ContractTest, readText: ReadText): Promise<readonly ProbeResult[]> {
  const targets = targetsOf(test.cluster, test.contract, readText)
  assertReadable(targets)
  const results = await probeAll(targets, test)
  return settled(results, targets, test)
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
async function probeAll(targets: readonly ProbeTarget[], test: ContractTest): Promise<readonly ProbeResult[]> {
  const { contract, key, from, signal } = test
  const options = { signal, canary: contract.canary, withinMs: contract.withinMs, key, from }
  const results = new Map<ProbeTarget, ProbeResult>()
  await Promise.all(
    [...Map.groupBy(targets, ({ node }) => node).values()].map(async (group) => {
      for (const target of group) results.set(target, await probe(target, options))
    }),
  )
  return oneEach(targets.flatMap((target) => results.get(target) ?? []))
}

const everyMs = 250

/** A row that is on its way is no difference: what still differs after `stale_ms` is. */
async function settled(
  first: readonly ProbeResult[],
  targets: readonly ProbeTarget[],
  test: ContractTest,
): Promise<readonly ProbeResult[]> {
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
function differing(results: readonly ProbeResult[], { node, canary }: ContractConfig): ReadonlySet<ProbeResult> {
  const reference =
    canary === null ? undefined : results.find(({ fact, answer }) => fact.node === node && answer !== null)
  if (!reference) return new Set()
  return new Set(results.filter(({ answer }) => answer !== null && answer.digest !== reference.answer?.digest))
}

function asDifferent(result: ProbeResult, { node, staleMs, name }: ContractConfig): ProbeResult {
  const message = `the canary's answer differs from that of ${node}, and still did after ${staleMs} ms`
  const remedy = `Run the canary of ${name} on both and compare; then look at the replication of ${result.fact.node}: antemortem diagnose.`
  return { ...result, fact: { ...result.fact, ok: false, layer: 'data', message, failures: 1 }, remedy }
}
