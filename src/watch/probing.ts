import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { hostname } from 'node:os'
import type { ClusterConfig, ContractConfig } from '../core/configuration.ts'
import type { CanaryFact, ContractFact } from '../core/facts/cluster.ts'
import type { NodeView } from '../core/snapshot.ts'
import { tablesNamed } from '../contracts/tables-named.ts'
import { probe, type ProbeResult } from '../contracts/probe.ts'
import { after, neverProbed, type ProbeState } from '../contracts/schedule.ts'
import { RoundTrips } from '../contracts/round-trips.ts'
import { KeptTargets } from '../contracts/kept-targets.ts'
import type { ProbeTarget } from '../contracts/targets.ts'
import type { SettingsFiles } from '../contracts/settings-files.ts'
import { compareCanary } from '../rows/canary.ts'
import { Links } from '../rows/links.ts'
import { OldSettings } from './old-settings.ts'
import { withOwnDelay } from './own-delay.ts'
import { nextProbe, suspectedNodes } from './probe-turns.ts'

interface Known {
  readonly target: ProbeTarget
  readonly state: ProbeState
  readonly result: ProbeResult
}

const keyOf = ({ contract, instance, node, route }: ProbeTarget): string =>
  `${contract}\n${instance}\n${node}\n${route}`

const limits = {
  everyMs: { default: 5_000, unit: 'ms', why: 'a login that fails is known within a turn of all nodes' },
  everyReportedMs: {
    default: 15_000,
    unit: 'ms',
    why: 'a new connection and its canary cost a server 9 ms, more than ten samples; an application that reports its outcomes says itself when logins fail',
  },
  ownDelayMs: {
    default: 250,
    unit: 'ms',
    why: 'of waiting for a processor ourselves; a contract is late by a second, and this much of it would be ours',
  },
} as const

/**
 * Probes contracts: one new connection a turn, node after node and instance after instance, because a new connection is what
 * costs a server most. What fails, has new settings or is suspected does not wait for its turn.
 */
export class Probing {
  readonly #cluster: ClusterConfig
  readonly #clock: () => number
  readonly #signal: AbortSignal
  readonly #key = randomBytes(32)
  readonly #from = hostname()
  readonly #known = new Map<string, Known>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #everyMs: number
  #nodes: readonly NodeView[] = []
  #turnMs = 0
  readonly #canaries = new Map<string, CanaryFact>()
  readonly #links: Links
  readonly #oldSettings: OldSettings
  readonly #roundTrips: RoundTrips
  readonly #targets: KeptTargets

  constructor(cluster: ClusterConfig, files: SettingsFiles, clock: () => number, signal: AbortSignal) {
    this.#cluster = cluster
    this.#clock = clock
    this.#signal = signal
    this.#links = new Links(cluster, signal)
    this.#targets = new KeptTargets(cluster)
    this.#oldSettings = new OldSettings(cluster, files)
    this.#roundTrips = new RoundTrips(cluster, clock, signal)
    const reports = cluster.contracts.every(({ outcomes }) => outcomes !== null)
    this.#everyMs = reports ? limits.everyReportedMs.default : limits.everyMs.default
  }

  contracts(): readonly ContractFact[] {
    return [...this.#known.values()].map(({ target, result }) =>
      this.#withCanary(target, this.#roundTrips.with(target, result.fact)),
    )
  }

  canaries(): readonly CanaryFact[] {
    return [...this.#canaries.values()]
  }

  /** Every target once: what is known good must be known of all. */
  async first(nodes: readonly NodeView[]): Promise<void> {
    this.#nodes = nodes
    const { targets } = this.#targets
    const byNode = Map.groupBy(targets, ({ node }) => node)
    await Promise.all(
      [...byNode.values()].map(async (group) => {
        // Where the last walsender would be taken nothing is known of this login.
        for (const target of group) if ((walsendersFor(target, nodes) ?? 2) > 1) await this.#probe(target)
      }),
    )
    await this.#settle(nodes)
  }

  /** Starts what is due. `hurts`: nodes on which the application fails now. */
  start(nodes: readonly NodeView[], hurts: ReadonlySet<string>, then: () => void): void {
    this.#nodes = nodes
    const nowMs = this.#clock()
    const suspects = suspectedNodes(nodes, hurts)
    const { targets } = this.#targets
    for (const key of this.#known.keys()) if (!targets.some((target) => keyOf(target) === key)) this.#known.delete(key)
    for (const [node, group] of this.#inTurn(targets)) {
      if (hurts.has(node)) for (const target of group) this.#roundTrips.ask(target, then)
      if (this.#running.has(node)) continue
      const sessions = nodes.find(({ name }) => name === node)?.facts.sessions
      const circumstances = { nowMs, suspected: suspects.has(node), sessions: sessions?.seen ? sessions.value : null }
      const candidates = group.map((target) => ({
        target,
        state: this.#known.get(keyOf(target))?.state ?? neverProbed,
        credentials: credentialsOf(target, nodes),
        walsenders: walsendersFor(target, nodes),
      }))
      const due = nextProbe(candidates, circumstances, nowMs - this.#turnMs >= this.#everyMs)
      if (!due) continue
      if (due.calm) this.#turnMs = nowMs
      const work = this.#probe(due.candidate.target)
        .then(async ({ fact }) => {
          this.#roundTrips.start(due.candidate.target, fact, then)
          await this.#afterFailure(due.candidate.target, fact)
        })
        .then(async () => this.#settle(nodes))
        .catch((error: unknown) => {
          if (!this.#signal.aborted) throw error
        })
        .finally(() => {
          this.#running.delete(node)
          if (!this.#signal.aborted) then()
        })
      this.#running.set(node, work)
    }
  }

  /** By node, the one that was asked longest ago first: the calm turn is everybody's in turn. */
  #inTurn(targets: readonly ProbeTarget[]): readonly (readonly [string, readonly ProbeTarget[]])[] {
    const lastMs = (group: readonly ProbeTarget[]): number =>
      Math.max(0, ...group.map((target) => this.#known.get(keyOf(target))?.state.lastMs ?? 0))
    return [...Map.groupBy(targets, (target) => target.node)].sort(([, a], [, b]) => lastMs(a) - lastMs(b))
  }

  async #probe(target: ProbeTarget): Promise<ProbeResult> {
    const contract = this.#contract(target.contract)
    const known = this.#known.get(keyOf(target))
    const before = known?.state ?? neverProbed
    const credentials = credentialsOf(target, this.#nodes)
    const { value: result, ownDelayMs } = await withOwnDelay(async () =>
      probe(target, {
        signal: this.#signal,
        canary: contract.canary,
        withinMs: contract.withinMs,
        key: this.#key,
        from: this.#from,
        failures: before.failures,
        walsenders: walsendersFor(target, this.#nodes) ?? null,
      }),
    )
    // A watcher that is late itself cannot say that a server is: what was known stands until the next turn.
    if (known && result.fact.layer === 'latency' && ownDelayMs > limits.ownDelayMs.default) {
      this.#known.set(keyOf(target), { ...known, state: { ...before, lastMs: result.fact.atMs } })
      return known.result
    }
    this.#known.set(keyOf(target), { target, state: after(before, result.fact, credentials), result })
    return result
  }

  /** Where it failed, and its settings are not those that worked: would these still do? */
  async #afterFailure(target: ProbeTarget, fact: ContractFact): Promise<void> {
    if (fact.ok) return
    const { canary, withinMs } = this.#contract(target.contract)
    const walsenders = walsendersFor(target, this.#nodes) ?? null
    const options = { signal: this.#signal, canary, withinMs, key: this.#key, from: this.#from, walsenders }
    await this.#oldSettings.try(target, fact, this.#clock(), async (old) => probe(old, options))
  }

  #contract(name: string): ContractConfig {
    const contract = this.#cluster.contracts.find((each) => each.name === name)
    if (!contract) throw new Error(`no contract ${name}`)
    return contract
  }

  /** Compares what the canary answered on each node; where they differ, once more behind a fence. */
  async #settle(nodes: readonly NodeView[]): Promise<void> {
    for (const contract of this.#cluster.contracts) {
      if (contract.canary === null) continue
      const newest = new Map<string, Known>()
      for (const known of this.#known.values()) {
        const { target, result } = known
        if (target.contract !== contract.name || !result.answer) continue
        const other = newest.get(target.node)
        if (!other || other.result.fact.atMs < result.fact.atMs) newest.set(target.node, known)
      }
      const answers = [...newest.values()].map(({ target, result }) => ({
        node: target.node,
        rows: result.answer?.rows ?? 0,
        digest: result.answer?.digest ?? '',
      }))
      const tables = tablesNamed(contract.canary)
      const isAlike = new Set(answers.map(({ digest }) => digest)).size <= 1
      const targets = [...newest.values()].map(({ target }) => target)
      const fact = isAlike
        ? {
            contract: contract.name,
            atMs: this.#clock(),
            tables,
            answers: answers.map((answer) => ({ ...answer, fence: 'not-needed' as const })),
          }
        : await this.#askAgain(contract, tables, targets, nodes)
      this.#canaries.set(contract.name, fact)
    }
  }

  /** Every node anew, behind a fence: what still differs then, differs. */
  async #askAgain(
    contract: ContractConfig,
    tables: readonly string[],
    targets: readonly ProbeTarget[],
    nodes: readonly NodeView[],
  ): Promise<CanaryFact> {
    const others = targets.filter(({ node }) => node !== contract.node)
    return compareCanary({
      contract: contract.name,
      tables,
      source: contract.node,
      targets: await Promise.all(others.map(async ({ node }) => ({ node, pair: await this.#links.pair(node, nodes) }))),
      ask: async (node) => {
        const target = targets.find((each) => each.node === node)
        return target ? (await this.#probe(target)).answer : null
      },
      fence: { deadlineMs: contract.staleMs, passive: this.#cluster.fence === 'passive' },
      now: this.#clock,
      signal: this.#signal,
    })
  }

  /** A connection that works and answers otherwise than its upstream is a contract that does not hold. */
  #withCanary(target: ProbeTarget, fact: ContractFact): ContractFact {
    const canary = this.#canaries.get(target.contract)
    const here = canary?.answers.find(({ node }) => node === target.node)
    const there =
      canary?.answers.find(({ node }) => node === this.#contract(target.contract).node) ?? canary?.answers[0]
    if (!fact.ok || !here || !there || here.digest === there.digest) return fact
    const isStale = here.fence === 'not-reached'
    return {
      ...fact,
      ok: false,
      layer: isStale ? 'stale' : 'data',
      message: isStale
        ? `the canary answers as it was before: ${target.node} did not reach the fence`
        : `the canary gives ${here.rows} rows here and ${there.rows} on ${there.node}, or other ones, behind a fence`,
      failures: Math.max(1, fact.failures),
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#running.values())
    await this.#roundTrips.close()
    await this.#links.close()
  }
}

/** Places that its node has left for walsenders, as last seen; undefined for a session, which takes none of them. */
function walsendersFor(target: ProbeTarget, nodes: readonly NodeView[]): number | null | undefined {
  if (!('settings' in target) || !target.settings.source.isReplication) return undefined
  const facts = nodes.find(({ name }) => name === target.node)?.facts
  const most = facts?.settings.seen ? facts.settings.value['max_wal_senders'] : undefined
  return facts?.senders.seen && most !== undefined ? Number(most) - facts.senders.value.length : null
}

/** The settings file's time, and the role as its node shows it: a login that was refused is tried again when either changes. */
function credentialsOf(target: ProbeTarget, nodes: readonly NodeView[]): string {
  if (!('settings' in target)) return 'unreadable'
  const { user, source } = target.settings
  const roles = nodes.find(({ name }) => name === target.node)?.facts.roles
  const role = roles?.seen ? roles.value.find(({ name }) => name === user) : undefined
  return `${source.file} ${statSync(source.file, { throwIfNoEntry: false })?.mtimeMs ?? 0} ${JSON.stringify(role ?? null)}`
}
