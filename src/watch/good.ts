import type { Accepted } from '../core/accepted.ts'
import type { Change } from '../core/change.ts'
import type { ClusterConfig } from '../core/configuration.ts'
import type { ClusterFacts, LastGoodFact } from '../core/facts/cluster.ts'
import { seen, unseen, type Observation } from '../core/observation.ts'
import type { NodeView } from '../core/snapshot.ts'
import { SettingsFiles } from '../contracts/settings-files.ts'
import { goodState, mergeGood } from './good-state.ts'

const nothingGood = unseen(
  'no-history',
  'nothing is known good yet',
  'wait until every contract answers, or accept the present state: antemortem accept',
)
const noFiles = unseen(
  'not-configured',
  'no settings file is configured',
  'Name the files of the application under contracts: settings.',
)

/** What was last known good of the nodes and of the applications' settings files, and how they differ from it now. */
export class Good {
  readonly files: SettingsFiles
  #fact: LastGoodFact | null = null

  constructor(cluster: ClusterConfig, accepted: Accepted | null) {
    this.files = new SettingsFiles(cluster)
    if (accepted) this.take(accepted)
  }

  /** When; null while nothing is. */
  get atMs(): number | null {
    return this.#fact?.atMs ?? null
  }

  /** Changes of the settings files since the last look. */
  poll(atMs: number): readonly Change[] {
    return this.files.poll(atMs)
  }

  /** All is well as it is now. */
  mark(nodes: readonly NodeView[], atMs: number): Accepted {
    const by = this.#fact === null ? 'first' : 'moved-on'
    this.#fact = mergeGood(this.#fact, goodState(nodes, atMs, by))
    this.files.markGood()
    return { fact: this.#fact, files: this.files.plain() }
  }

  /** The same without keeping it: for a person who accepts it. */
  present(nodes: readonly NodeView[], atMs: number): Accepted {
    return { fact: mergeGood(this.#fact, goodState(nodes, atMs, 'accept')), files: this.files.plain() }
  }

  /** Somebody else said what is good: an earlier watcher, or a person. */
  take({ fact, files }: Accepted): void {
    this.#fact = fact
    this.files.restoreGood(files)
  }

  facts(atMs: number): {
    readonly files: Observation<ClusterFacts['files']>
    readonly lastGood: Observation<LastGoodFact>
  } {
    const files = this.files.facts()
    return {
      files: files.length > 0 ? seen(atMs, files) : noFiles,
      lastGood: this.#fact ? seen(atMs, this.#fact) : nothingGood,
    }
  }
}
