import type { Change } from '../core/change.ts'
import type { Case, Evidence } from '../core/diagnosis.ts'
import type { ContractFact, OutcomeCell, OutcomesFact, TouchedFact } from '../core/facts/cluster.ts'
import { failingCodes, failingNodes, outcomeWindowMs, type FailureShare } from '../core/outcomes.ts'
import { mayComeFromRows } from './codes.ts'
import { contractsOf, touchedOf } from './look.ts'

/**
 * What hurts on a node, and whether a cause there can be why. Harm on the same node is not enough: rows that are old give no
 * `28P01`, what fails on other nodes in the same way is not this node's, and what began before the cause is not the cause's.
 */

export type Fits = (code: string) => boolean
const any: Fits = () => true

/** Outcomes of one node in the window. */
const onNode = (outcomes: OutcomesFact, node: string, atMs: number): OutcomesFact => ({
  ...outcomes,
  seconds: outcomes.seconds
    .filter((second) => second.atMs >= atMs - outcomeWindowMs)
    .map((second) => ({ ...second, cells: second.cells.filter((cell) => cell.node === node) })),
})

const totalOf = ({ seconds }: OutcomesFact): number =>
  seconds.flatMap(({ cells }) => cells).reduce((sum, { count }) => sum + count, 0)

/** Do the application's own outcomes say how reads on this node went in the last seconds? */
export function hasOutcomes(c: Case, node: string): boolean {
  const outcomes = c.snapshot.facts.outcomes
  return outcomes.seen && totalOf(onNode(outcomes.value, node, c.atMs)) > 0
}

/**
 * When these nodes began to fail, as far as the window reaches; null without outcomes. What was asked before that and was right
 * says nothing about it.
 */
export function failingSinceMs(c: Case, nodes: readonly string[]): number | null {
  const outcomes = c.snapshot.facts.outcomes
  if (!outcomes.seen) return null
  const fails = ({ node, code }: OutcomeCell): boolean => nodes.includes(node) && code !== 'ok'
  const first = outcomes.value.seconds.find(({ atMs, cells }) => atMs >= c.atMs - outcomeWindowMs && cells.some(fails))
  return first?.atMs ?? null
}

/** Failing codes of a node, each with its share of the work there. */
export function codesOn(outcomes: OutcomesFact, node: string, atMs: number): readonly FailureShare[] {
  const here = onNode(outcomes, node, atMs)
  const total = totalOf(here)
  return failingCodes(here, 0).map((code) => ({ ...code, total, share: code.failed / total }))
}

/** A code that is three times as frequent as on any node that should fare alike is the node's own. */
const times = 3

/**
 * Nodes to compare with: what is wrong with this one leaves them alone. Not other subscribers, which may lack the same rows, nor
 * standbys with a trouble of their own: that looks alike from outside.
 */
const peersOf = (c: Case, node: string): readonly string[] =>
  c.snapshot.nodes
    .filter(
      ({ name, role }) => name !== node && (role === 'primary' || (role === 'standby' && !hasOwnTrouble(c, name))),
    )
    .map(({ name }) => name)

const hasOwnTrouble = (c: Case, node: string): boolean =>
  c.findings.some((finding) => finding.node === node && finding.check.startsWith('replication/')) ||
  touchedOf(c).some((touched) => touched.node === node && isWrong(touched)) ||
  contractsOf(c).some((result) => result.node === node && !result.ok && isAboutRows(result))

const isWrong = ({ verdict, times: seen }: TouchedFact): boolean =>
  (verdict === 'different' || verdict === 'lagging') && seen >= 2

/** The application fails on this node now, with these codes, and not on others in the same way. */
export function outcomeHarm(c: Case, node: string, fits: Fits = any): readonly Evidence[] {
  const outcomes = c.snapshot.facts.outcomes
  if (!outcomes.seen || !failingNodes(outcomes.value, c.atMs).some(({ key }) => key === node)) return []
  const there = fits === any ? [] : peersOf(c, node).flatMap((peer) => codesOn(outcomes.value, peer, c.atMs))
  const codes = codesOn(outcomes.value, node, c.atMs).filter(
    ({ key, share }) => fits(key) && there.every((other) => other.key !== key || share >= times * other.share),
  )
  const failed = codes.reduce((sum, code) => sum + code.failed, 0)
  const total = codes[0]?.total ?? 0
  if (failed < 3) return []
  return [
    {
      words: `${failed} of ${total} of the application's operations on ${node} failed`,
      node,
      source: 'outcomes',
      values: { failed, total, codes: codes.map(({ key }) => key).join(', ') },
    },
  ]
}

/** It fails as it does where rows are missing, old or others. With news given: not since before all of them. */
export function rowHarm(c: Case, node: string, news: readonly Change[] = []): readonly Evidence[] {
  const beganMs = c.findings
    .filter((finding) => finding.check === 'application/outcomes' && finding.node === node)
    .map(({ sinceMs }) => sinceMs)
  const isOlder = news.length > 0 && beganMs.some((ms) => news.every(({ notBeforeMs }) => ms < notBeforeMs))
  return isOlder ? [] : outcomeHarm(c, node, mayComeFromRows)
}

export const isAboutRows = ({ layer }: ContractFact): boolean => layer === 'data' || layer === 'stale'

/** The contract fails on this node in this way. */
export const contractHarm = (c: Case, node: string, isSuch: (result: ContractFact) => boolean): readonly Evidence[] =>
  contractsOf(c)
    .filter((result) => result.node === node && !result.ok && isSuch(result))
    .map((result) => ({
      words: `the contract ${result.contract} fails on ${node}: ${result.layer ?? ''} ${result.message ?? ''}`.trim(),
      node,
      source: 'contract',
      values: { layer: result.layer, code: result.code, failures: result.failures },
    }))

/** A touched table is older on this node than the fence: what was written does not arrive. */
export const laggingHarm = (
  c: Case,
  node: string,
  isMeant: (touched: TouchedFact) => boolean = () => true,
): readonly Evidence[] =>
  touchedOf(c)
    .filter((touched) => touched.node === node && touched.verdict === 'lagging' && touched.times >= 2)
    .filter(isMeant)
    .map((touched) => ({
      words: `${touched.schema}.${touched.table} on ${node} did not reach the fence of ${touched.source}`,
      node,
      source: 'touched-table comparison',
      values: { since_ms: touched.sinceMs, times: touched.times },
    }))

export interface Staleness {
  /** The tables that the cause keeps old. */
  readonly isMeant: (touched: TouchedFact) => boolean
  /** What made them so. */
  readonly news?: readonly Change[]
}

/** Rows on this node are older than they should be, and somebody feels it. */
export const staleHarm = (c: Case, node: string, { isMeant, news = [] }: Staleness): readonly Evidence[] => [
  ...rowHarm(c, node, news),
  ...laggingHarm(c, node, isMeant),
  ...contractHarm(c, node, ({ layer }) => layer === 'stale'),
]
