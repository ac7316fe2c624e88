import type { ClusterConfig } from '../core/configuration.ts'
import { SettingsTexts } from './settings-texts.ts'
import { targetsOf, type ProbeTarget } from './targets.ts'

/** What a connection is made of beside its settings files (a URL in a file, a service file, the environment) is read so often. */
const everyMs = 1_000

/** Every connection of a cluster's contracts, for who asks several times a second: read again when a settings file has moved. */
export class KeptTargets {
  readonly #cluster: ClusterConfig
  readonly #texts = new SettingsTexts()
  #targets: readonly ProbeTarget[] = []
  #readMs = -Infinity

  constructor(cluster: ClusterConfig) {
    this.#cluster = cluster
  }

  /** The same array while nothing has been read anew. */
  get targets(): readonly ProbeTarget[] {
    const nowMs = performance.now()
    if (nowMs - this.#readMs >= everyMs || this.#texts.hasMoved) {
      this.#targets = this.#cluster.contracts.flatMap((contract) =>
        targetsOf(this.#cluster, contract, this.#texts.read),
      )
      this.#readMs = nowMs
    }
    return this.#targets
  }
}
