import type { OutageSource } from '../../core/outage.ts'
import type { Proof } from '../../core/proof.ts'

export const atMs = Date.UTC(2024, 5, 1)
export const check = 'check:replication/row-consistency'
const known = new Set(['gate:replication/table-not-carried', check, 'drill:0'])
export const facts = { atMs, program: '1.0.0', known }

/** A past outage whose measures name these guards. */
export const outage = (...guards: readonly string[]): OutageSource => ({
  id: '0',
  title: 'Logins fail on one node',
  source: 'docs/postmortems/0-auth.md',
  original: { toCauseMin: 89, totalMin: 153 },
  guards: guards.map((guard, index) => ({ guard, line: 30 + index })),
})

/** A run that hurt without the guard and not with it. */
export const proof = (over: Partial<Proof> = {}): Proof => ({
  guard: check,
  outage: '0',
  cell: 'detect',
  atMs: atMs - 1000,
  how: 'drill',
  harmWithout: true,
  caughtWith: true,
  figures: { ms: 1400 },
  artefact: 'sha256:0',
  program: '1.0.0',
  ok: true,
  ...over,
})
