import type { Change } from '../core/change.ts'
import type { HostsFact, LogsFact } from '../core/facts/cluster.ts'
import { unseen, type Observation } from '../core/observation.ts'

/** What the hosts of a cluster say at this moment. */
export interface HostsSeen {
  readonly logs: Observation<LogsFact>
  readonly hosts: Observation<HostsFact>
}

/** The hosts of one cluster, each polled by itself in the background: asking for what they said waits for nobody. */
export interface HostWatch {
  facts(atMs: number): HostsSeen
  /** What has changed in files since the last time this was called. */
  takeChanges(): readonly Change[]
  close(): Promise<void>
}

export const hostRemedy =
  'add `host: { local: true, data: …, log: … }` or `host: { ssh: … }` to the node: docs/host-reader.md'

const nothing = unseen('not-configured', 'no node says where its server runs', hostRemedy)

/** Where the configuration names no host. Its file reads none, so that a command that needs no host starts without the readers. */
export const noHosts: HostWatch = {
  facts: () => ({ logs: nothing, hosts: nothing }),
  takeChanges: () => [],
  close: async () => undefined,
}
