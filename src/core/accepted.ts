import type { LastGoodFact } from './facts/cluster.ts'

/** What was last known good, as it is kept on the disk. */
export interface Accepted {
  readonly fact: LastGoodFact
  /** Of the applications' settings files: values that are no secret, by file and key. */
  readonly files: Readonly<Record<string, Readonly<Record<string, string>>>>
}
