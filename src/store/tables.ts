import type { Kysely } from 'kysely'

/**
 * The same columns on SQLite and PostgreSQL: numbers are `bigint`, which PostgreSQL's driver must be told to read as number,
 * and everything structured is JSON in a `text`, so that it comes back byte for byte.
 */
export interface Tables {
  event: { seq: number; at_ms: number; cluster: string; type: string; incident: string | null; body: string }
  /** The lock of its row gives a list one order: a sequence would number in the order of asking, not of committing. */
  counter: { name: 'event' | 'plan' | 'proof'; value: number }
  lease: { name: string; holder: string; epoch: number; until_ms: number }
  plan: { id: string; ordinal: number; body: string }
  journal: { plan: string; ordinal: number; epoch: number; n: number; phase: string; at_ms: number; output: string }
  image: { plan: string; n: number; rows: string }
  proof: { ordinal: number; body: string }
  verified: {
    cluster: string
    source: string
    target: string
    relation: string
    stamp: string
    at_ms: number
    body: string
  }
  record: { kind: string; name: string; at_ms: number; body: string }
  last_good: { cluster: string; at_ms: number; fingerprint: string }
}

export type Database = Kysely<Tables>
