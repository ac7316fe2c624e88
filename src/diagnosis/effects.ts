import type { Case } from '../core/diagnosis.ts'
import type { ContractFact } from '../core/facts/cluster.ts'
import type { FailureShare } from '../core/outcomes.ts'
import { mayComeFromRows } from './codes.ts'
import { codesOn, isAboutRows, type Fits } from './harm.ts'
import { contractsOf } from './look.ts'

/** Findings that a cause explains, by check and node. */
export interface Effect {
  readonly check: string
  readonly node: string | null
}

/** Open findings of a check, on a node where one is given. */
export const findingsOf = (c: Case, check: string, node?: string): readonly Effect[] =>
  c.findings
    .filter((finding) => finding.check === check && (node === undefined || finding.node === node))
    .map((finding) => ({ check: finding.check, node: finding.node ?? null }))

/** The application's failures on a node are explained by what explains at least half of them. */
export function outcomeEffects(c: Case, node: string, fits: Fits): readonly Effect[] {
  const outcomes = c.snapshot.facts.outcomes
  const codes = outcomes.seen ? codesOn(outcomes.value, node, c.atMs) : []
  const sum = (some: readonly FailureShare[]): number => some.reduce((all, { failed }) => all + failed, 0)
  return 2 * sum(codes.filter(({ key }) => fits(key))) >= sum(codes) ? findingsOf(c, 'application/outcomes', node) : []
}

/** A contract's failure on a node is explained where all of its failures there are such. */
export function contractEffects(c: Case, node: string, isSuch: (result: ContractFact) => boolean): readonly Effect[] {
  const failing = contractsOf(c).filter((result) => result.node === node && !result.ok)
  if (failing.length === 0 || !failing.every(isSuch)) return []
  return [...findingsOf(c, 'connections/contract', node), ...findingsOf(c, 'connections/auth', node)]
}

/** What hurts or will show on a node whose rows are wrong or old. */
export const rowEffects = (c: Case, node: string): readonly Effect[] => [
  ...findingsOf(c, 'replication/row-consistency', node),
  ...outcomeEffects(c, node, mayComeFromRows),
  ...contractEffects(c, node, isAboutRows),
]
