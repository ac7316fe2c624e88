import { stages } from '../core/outage.ts'
import type { CellState, Outage, OutageCell, OutageSource, Stage } from '../core/outage.ts'
import type { Proof } from '../core/proof.ts'
import { givenUp, stagesOf } from './bind.ts'

const dayMs = 86_400_000

/** After this a proof is stale: servers, schemas and people have changed in a quarter of a year. */
export const proofLastsMs = 90 * dayMs

export interface CoverageFacts {
  readonly atMs: number
  /** Version of this program: what another version proved says nothing of this one's catalogue. */
  readonly program: string
  /** Guards that exist: `check:…` and `gate:…` and `drill:…` of the catalogues, `verify`, … */
  readonly known: ReadonlySet<string>
}

/** Each past outage against its guards and their proofs. Nothing is ticked by hand: the same facts give the same answer. */
export function coverage(
  outages: readonly OutageSource[],
  proofs: readonly Proof[],
  facts: CoverageFacts,
): readonly Outage[] {
  return outages.map((outage) => {
    const cell = (stage: Stage): OutageCell => cellOf(outage, stage, proofs, facts)
    const cells = {
      prevent: cell('prevent'),
      detect: cell('detect'),
      diagnose: cell('diagnose'),
      recover: cell('recover'),
    }
    return { id: outage.id, title: outage.title, source: outage.source, original: outage.original, cells }
  })
}

/** Share of the cells that are proven, of those that can be; 0 where there is nothing to prove anything of. */
export function percentProven(outages: readonly Outage[]): number {
  const states = outages.flatMap(({ cells }) => stages.map((stage) => cells[stage].state))
  const counted = states.filter((state) => state !== 'not-applicable').length
  return counted === 0 ? 0 : (states.filter((state) => state === 'proven').length / counted) * 100
}

/** Of several guards of a stage the best stands for it; a lost proof says more than a guard that never had one. */
const order: readonly CellState[] = ['proven', 'regressed', 'armed', 'open']

function cellOf(outage: OutageSource, stage: Stage, proofs: readonly Proof[], facts: CoverageFacts): OutageCell {
  const bound = [...new Set(outage.guards.map(({ guard }) => guard))]
  const guards = bound.filter((guard) => stagesOf(guard).includes(stage))
  const cells = guards.map((guard) => guardCell(outage, stage, guard, proofs, facts))
  const [best] = cells.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
  if (best) return best
  const reason = bound.find((guard) => givenUp(guard) === stage)
  if (reason !== undefined)
    return { state: 'not-applicable', guard: reason, atMs: null, figures: {}, why: 'given up by a measure', next: null }
  const why = `no measure in ${outage.source} names a guard for it`
  return { state: 'open', guard: null, atMs: null, figures: {}, why, next: search[stage] }
}

/** Where guards of a stage are found. */
const search: Readonly<Record<Stage, string>> = {
  prevent: 'antemortem gate --help',
  detect: 'antemortem check --list',
  diagnose: 'antemortem drill list',
  recover: 'antemortem drill list',
}

function guardCell(
  outage: OutageSource,
  stage: Stage,
  guard: string,
  all: readonly Proof[],
  facts: CoverageFacts,
): OutageCell {
  const none = { guard, atMs: null, figures: {} }
  if (!facts.known.has(guard)) return { ...none, state: 'open', why: `there is no ${guard}`, next: search[stage] }
  const next = facts.known.has(`drill:${outage.id}`) ? `antemortem drill run ${outage.id}` : 'antemortem drill list'
  // A run in which the outage did no harm has shown nothing, neither for the guard nor against it.
  const proofs = all
    .filter((proof) => proof.outage === outage.id && proof.cell === stage && proof.guard === guard && proof.harmWithout)
    .toSorted((a, b) => a.atMs - b.atMs)
  const newest = proofs.at(-1)
  if (!newest) return { ...none, state: 'armed', why: `${guard} was never seen to catch it`, next }
  const seen = { guard, atMs: newest.atMs, figures: newest.figures }
  const lost = lostBecause(newest, facts)
  if (lost === null) return { ...seen, state: 'proven', why: null, next: null }
  return { ...seen, state: proofs.some(caught) ? 'regressed' : 'armed', why: lost, next }
}

const caught = (proof: Proof): boolean => proof.ok && proof.caughtWith

/** Why a proof no longer holds, or never did; null while it holds. */
function lostBecause(proof: Proof, { atMs, program }: CoverageFacts): string | null {
  if (!caught(proof)) return `${proof.guard} did not catch it in the last ${proof.how}`
  if (proof.program !== program) return `it was proven with ${proof.program}, and this is ${program}`
  if (proof.atMs > atMs + dayMs) return 'its proof is dated in the future'
  return atMs - proof.atMs > proofLastsMs ? `its proof is ${Math.floor((atMs - proof.atMs) / dayMs)} days old` : null
}
