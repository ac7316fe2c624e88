import type { OutcomesFact } from './facts/cluster.ts'

/**
 * Outcomes of each contract apart, each with its own usual share of failures: what one application does often must not hide what
 * another never did. Cells without a contract, as in old bundles, are one of their own.
 */
export function outcomesByContract(outcomes: OutcomesFact): readonly OutcomesFact[] {
  const contracts = new Set(outcomes.seconds.flatMap(({ cells }) => cells.map(({ contract }) => contract)))
  if (contracts.size < 2) return [outcomes]
  return [...contracts].map((contract) => ({
    ...outcomes,
    seconds: outcomes.seconds
      .map((second) => ({ ...second, cells: second.cells.filter((cell) => cell.contract === contract) }))
      .filter(({ cells }) => cells.length > 0),
    baseline: contract === undefined ? outcomes.baseline : (outcomes.baselines?.[contract] ?? outcomes.baseline),
  }))
}
