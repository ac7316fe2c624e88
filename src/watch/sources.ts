import type { Accepted } from '../core/accepted.ts'
import type { Change } from '../core/change.ts'
import type { ClusterConfig } from '../core/configuration.ts'
import type { ClusterFacts } from '../core/facts/cluster.ts'
import type { Observation } from '../core/observation.ts'
import { failingNodes } from '../core/outcomes.ts'
import type { NodeView, Snapshot } from '../core/snapshot.ts'
import type { openHosts } from '../fleet/host-watch.ts'
import { noHosts, type HostWatch } from '../fleet/hosts-seen.ts'
import { Good } from './good.ts'
import { notReported, Reported } from './reported.ts'

interface SourceDeps {
  readonly clock: () => number
  readonly signal: AbortSignal
  /** What reads hosts; without it nothing is known of them. */
  readonly reader?: typeof openHosts | null
}

/** Loads what reads hosts where there is one to read: a single look at addresses alone starts sooner without. */
export const readerFor = async ({ nodes }: ClusterConfig): Promise<typeof openHosts | null> =>
  nodes.some(({ host }) => host !== null) ? (await import('../fleet/host-watch.ts')).openHosts : null

/** What is known of a cluster beside what its servers answer: the application's own words and files, logs and hosts. */
export class Sources {
  readonly good: Good
  readonly #clock: () => number
  readonly #reported: Reported
  readonly #hosts: HostWatch
  #outcomes: Observation<ClusterFacts['outcomes']> = notReported
  #nodes: readonly NodeView[] = []
  #hasNewLog = false

  constructor(cluster: ClusterConfig, accepted: Accepted | null, { clock, signal, reader }: SourceDeps) {
    this.#clock = clock
    this.good = new Good(cluster, accepted)
    this.#reported = new Reported(cluster.contracts)
    const open = reader ?? (() => noHosts)
    this.#hosts = open(cluster.nodes, {
      clock,
      signal,
      onEntry: () => (this.#hasNewLog = true),
      settingsOf: (name) => {
        const settings = this.#nodes.find((node) => node.name === name)?.facts.settings
        return settings?.seen ? settings.value : null
      },
    })
  }

  /** Settings say how a log looks. */
  learnNodes(nodes: readonly NodeView[]): void {
    this.#nodes = nodes
  }

  /** Looks at all of them, cheaply. `isNews`: something is to be judged at once. */
  async poll(): Promise<{ readonly changes: readonly Change[]; readonly isNews: boolean }> {
    const atMs = this.#clock()
    const before = failed(this.#outcomes)
    this.#outcomes = await this.#reported.poll(atMs)
    const changes = [...this.good.poll(atMs), ...this.#hosts.takeChanges(), ...this.#reported.takeChanges()]
    const isNews = changes.length > 0 || this.#hasNewLog || failed(this.#outcomes) !== before
    this.#hasNewLog = false
    return { changes, isNews }
  }

  /** Nodes on which the application says that it fails now. */
  hurting(): ReadonlySet<string> {
    const outcomes = this.#outcomes
    return new Set(outcomes.seen ? failingNodes(outcomes.value, this.#clock()).map(({ key }) => key) : [])
  }

  /** What is usual, learned while nothing hurts; failures that somebody has chosen, as in a planned restart, are not usual. */
  learnUsual(atMs: number, calm: boolean): void {
    this.#reported.learn(atMs, calm && this.hurting().size === 0)
  }

  facts(atMs: number): Pick<Snapshot['facts'], 'outcomes' | 'files' | 'lastGood' | 'logs' | 'hosts'> {
    return {
      outcomes: this.#outcomes,
      ...this.good.facts(atMs),
      ...this.#hosts.facts(atMs),
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#reported.close(), this.#hosts.close()])
  }
}

/** Failures in the window: when their number moves, it is time to look again. */
const failed = (outcomes: Observation<ClusterFacts['outcomes']>): number =>
  outcomes.seen
    ? outcomes.value.seconds.reduce(
        (sum, { cells }) => sum + cells.reduce((all, { code, count }) => all + (code === 'ok' ? 0 : count), 0),
        0,
      )
    : 0
