import type { Case, Evidence } from '../core/diagnosis.ts'
import type { ContractFact, OutcomeCell } from '../core/facts/cluster.ts'
import { outcomeWindowMs } from '../core/outcomes.ts'
import { hasOutcomes, type Fits } from './harm.ts'
import { compare, contractsOf } from './look.ts'

/** What hurts some instances of the application and not others, or all of them on any node: harm by who feels it. */

export interface Whose {
  /** The instances that are meant; null for all. */
  readonly instances: ReadonlySet<string> | null
  /** The others may fail alike: what is asked is whether these do. */
  readonly othersMay?: true
  /** Only what happened from then on. */
  readonly fromMs?: number
}

interface Count {
  readonly total: number
  readonly failed: number
  readonly codes: readonly string[]
}

const countOf = (cells: readonly OutcomeCell[], fits: Fits): Count => {
  const failing = cells.filter(({ code }) => code !== 'ok' && fits(code))
  return {
    total: cells.reduce((sum, { count }) => sum + count, 0),
    failed: failing.reduce((sum, { count }) => sum + count, 0),
    codes: [...new Set(failing.map(({ code }) => code))].sort(compare),
  }
}

const shareOf = ({ total, failed }: Count): number => (total === 0 ? 0 : failed / total)

/** A share that is three times as large as another's is its own. */
const times = 3

/**
 * Operations of these instances fail on a node with such codes: three at least, and of other instances a third of that share at
 * most. Where all instances are meant, there is nobody to compare with.
 */
export function instanceHarm(c: Case, node: string, whose: Whose, fits: Fits): readonly Evidence[] {
  const outcomes = c.snapshot.facts.outcomes
  if (!outcomes.seen) return []
  const fromMs = Math.max(c.atMs - outcomeWindowMs, whose.fromMs ?? 0)
  const cells = outcomes.value.seconds
    .filter(({ atMs }) => atMs >= fromMs)
    .flatMap((second) => second.cells.filter((cell) => cell.node === node))
  const isMeant = ({ instance }: OutcomeCell): boolean => whose.instances?.has(instance) ?? true
  const here = countOf(cells.filter(isMeant), fits)
  const others = countOf(whose.othersMay ? [] : cells.filter((cell) => !isMeant(cell)), fits)
  const least = Math.max(0.01, times * (outcomes.value.baseline ?? 0))
  if (here.failed < 3 || shareOf(here) < least || times * shareOf(others) > shareOf(here)) return []
  const who = whose.instances === null ? 'the application' : [...whose.instances].sort(compare).join(', ')
  return [
    {
      words: `${here.failed} of ${here.total} operations of ${who} on ${node} failed: ${here.codes.join(', ')}`,
      node,
      source: 'outcomes',
      values: { failed: here.failed, total: here.total, codes: here.codes.join(', ') },
    },
  ]
}

/** Nodes and instances that the outcomes speak of. */
export function placesOf(c: Case): { readonly nodes: readonly string[]; readonly instances: readonly string[] } {
  const outcomes = c.snapshot.facts.outcomes
  const cells = outcomes.seen ? outcomes.value.seconds.flatMap((second) => second.cells) : []
  return {
    nodes: [...new Set(cells.map(({ node }) => node))].sort(compare),
    instances: [...new Set(cells.map(({ instance }) => instance))].sort(compare),
  }
}

/** A contract's failing result as harm of its instance. */
export const contractEvidence = (result: ContractFact): Evidence => ({
  words: `${result.instance} cannot use ${result.node} (${result.layer ?? 'its settings'}): ${result.message ?? result.code ?? 'no reason given'}`,
  node: result.node,
  source: 'contract',
  values: { instance: result.instance, layer: result.layer, code: result.code, failures: result.failures },
})

/** Since when the contract fails there for this instance; null where no finding says so. */
export const failsSinceMs = (c: Case, { instance, node }: ContractFact): number | null =>
  c.findings.find(
    (finding) =>
      finding.check === 'connections/contract' && finding.node === node && finding.subject.includes(`:${instance}→`),
  )?.sinceMs ?? null

/** Another instance fails in the same way on the same node. */
export const failsAlike = (c: Case, result: ContractFact, isOther: (other: ContractFact) => boolean): boolean =>
  contractsOf(c).some(
    (other) =>
      other.node === result.node &&
      other.instance !== result.instance &&
      !other.ok &&
      other.layer === result.layer &&
      other.code === result.code &&
      isOther(other),
  )

/**
 * Failing results of contracts as harm on a node. Where the application reports how it fares there, its own word counts: a probe that
 * was late says nothing of it.
 */
export function probedHarm(c: Case, node: string, results: readonly ContractFact[], fits: Fits): readonly Evidence[] {
  const own = instanceHarm(c, node, { instances: null }, fits)
  return own.length === 0 && hasOutcomes(c, node) ? [] : [...results.map(contractEvidence), ...own]
}
