import type { GateFinding, GateReport, GateVerdict } from '../../core/gate.ts'
import type { Fingerprint } from '../../changes/fingerprint.ts'
import type { Store } from '../../store/store.ts'
import type { Beat } from '../beat/beat.ts'
import type { ComparedTable } from '../rehearsal.ts'
import type { Production } from './reach.ts'
import type { OwnAttempt } from './transaction.ts'
import type { TestVerdict } from './verdict.ts'

/** A rehearsal of one change on one state of a cluster. */
export interface KeptRehearsal {
  /** Digest of the cluster's state. */
  readonly fingerprint: string
  readonly state: readonly Fingerprint[]
  readonly report: GateReport
}

/** Production before the change: whatever the tests find afterwards is held against it. */
export interface KeptBefore {
  readonly production: Production
  readonly differed: readonly ComparedTable[]
}

/** A copy of its own beside the store, because secrets may stand in it. */
export interface KeptCopy {
  readonly kept: string
  readonly sha256: string
}

/** A file of a server as it was before the change. */
export interface KeptServerFile {
  /** As the server names it. */
  readonly file: string
  /** Where it lies on this host. */
  readonly place: string
  /** Its copy. */
  readonly kept: string
  readonly sha256: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly links: number
}

export interface KeptApplied {
  readonly change: string
  /** Of the cluster when the tests were passed. */
  readonly fingerprint: string
  readonly verdict: GateVerdict
  readonly findings: readonly GateFinding[]
}

type Records = Pick<Store, 'saveRecord' | 'record' | 'forgetRecord'>

interface Kinds {
  'gate-rehearsal': KeptRehearsal
  'gate-before': KeptBefore
  /** The contracts' own rows, before the change, or behind its way back. */
  'gate-beats': readonly Beat[]
  'gate-attempt': OwnAttempt
  /** What postgresql.auto.conf said: a text in JSON, by name. */
  'gate-settings': KeptCopy
  /** What a subscription connected by. */
  'gate-connection': KeptCopy
  'gate-file': KeptServerFile
  'gate-verdict': TestVerdict
  'gate-applied': KeptApplied
  /** A person has looked at what a plan has left half done, and lives with it. */
  'gate-left': null
}

/** What runs of the gate leave for each other, by kind and name. */
export class GateRecords {
  readonly #store: Records
  readonly #clock: () => number

  constructor(store: Records, clock: () => number) {
    this.#store = store
    this.#clock = clock
  }

  async save<K extends keyof Kinds>(kind: K, name: string, body: Kinds[K]): Promise<void> {
    await this.#store.saveRecord(kind, name, { atMs: this.#clock(), body })
  }

  async find<K extends keyof Kinds>(kind: K, name: string): Promise<{ atMs: number; body: Kinds[K] } | null> {
    const found = await this.#store.record(kind, name)
    // Written by `save` under the same kind.
    return found ? { atMs: found.atMs, body: found.body as Kinds[K] } : null
  }

  async forget(kind: keyof Kinds, name: string): Promise<void> {
    await this.#store.forgetRecord(kind, name)
  }
}
