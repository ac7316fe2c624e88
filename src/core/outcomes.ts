import type { OutcomesFact } from './facts/cluster.ts'
import { outcomesByContract } from './outcomes-of.ts'

/** Failures of a group of outcomes in a window. */
export interface FailureShare {
  readonly key: string
  readonly total: number
  readonly failed: number
  /** failed ÷ total. */
  readonly share: number
}

const shareBy = (outcomes: OutcomesFact, fromMs: number, by: 'node' | 'instance' | 'code'): readonly FailureShare[] => {
  const groups = new Map<string, { total: number; failed: number }>()
  for (const second of outcomes.seconds) {
    if (second.atMs < fromMs) continue
    for (const cell of second.cells) {
      const group = groups.get(cell[by]) ?? { total: 0, failed: 0 }
      group.total += cell.count
      if (cell.code !== 'ok') group.failed += cell.count
      groups.set(cell[by], group)
    }
  }
  return [...groups]
    .map(([key, { total, failed }]) => ({ key, total, failed, share: total === 0 ? 0 : failed / total }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

export const failuresByNode = (outcomes: OutcomesFact, fromMs: number): readonly FailureShare[] =>
  shareBy(outcomes, fromMs, 'node')

export const failuresByInstance = (outcomes: OutcomesFact, fromMs: number): readonly FailureShare[] =>
  shareBy(outcomes, fromMs, 'instance')

/** Failing codes only, most frequent first. */
export const failingCodes = (outcomes: OutcomesFact, fromMs: number): readonly FailureShare[] =>
  shareBy(outcomes, fromMs, 'code')
    .filter(({ key, failed }) => key !== 'ok' && failed > 0)
    .sort((a, b) => b.failed - a.failed || (a.key < b.key ? -1 : 1))

/** Over how long failures are counted: long enough for a share, short enough to end soon after the harm does. */
export const outcomeWindowMs = 5_000

/** When is a group failing? Three failures, at least 1 % of it, and three times what was usual while all was good. */
export const isFailing = (group: FailureShare, baseline: number | null): boolean =>
  group.failed >= 3 && group.share >= Math.max(0.01, 3 * (baseline ?? 0))

/** Nodes whose reads fail now: in the window, and still, though some may have worked since by chance. */
export function failingNodes(outcomes: OutcomesFact, atMs: number): readonly FailureShare[] {
  const failing = outcomesByContract(outcomes).flatMap((own) =>
    failuresByNode(own, atMs - outcomeWindowMs).filter(
      (group) => isFailing(group, own.baseline) && stillFails(own, group.key, atMs),
    ),
  )
  // One a node: the contract that fares worst there.
  return [...Map.groupBy(failing, ({ key }) => key).values()]
    .flatMap((groups) => groups.toSorted((a, b) => b.share - a.share).slice(0, 1))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Rarer than that is no chance. */
const leastChance = 0.05

/**
 * What failed and has worked since is over, though it still lies in the window: when for two seconds in which the node was asked
 * nothing has failed, and so much has worked as would hardly ever work in a row if it went on as between the first failure and
 * the last. Where one user in ten is hurt and few ask, two good seconds are no good sign.
 */
function stillFails(outcomes: OutcomesFact, node: string, atMs: number): boolean {
  const asked = outcomes.seconds
    .filter((second) => second.atMs >= atMs - outcomeWindowMs)
    .map(({ cells }) => cells.filter((cell) => cell.node === node))
    .filter((cells) => cells.length > 0)
    .map((cells) => ({ total: countOf(cells), failed: countOf(cells.filter(({ code }) => code !== 'ok')) }))
  const isFailed = ({ failed }: { readonly failed: number }): boolean => failed > 0
  const last = asked.findLastIndex(isFailed)
  if (last === -1 || last >= asked.length - 2) return last !== -1
  const failing = asked.slice(asked.findIndex(isFailed), last + 1)
  const share = sumOf(failing.map(({ failed }) => failed)) / sumOf(failing.map(({ total }) => total))
  const worked = sumOf(asked.slice(last + 1).map(({ total }) => total))
  return (1 - share) ** worked >= leastChance
}

const countOf = (cells: readonly { readonly count: number }[]): number => sumOf(cells.map(({ count }) => count))

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0)

/** The window from the second after the failures began: the one in which they began holds both, and tells them not apart. */
const sinceBegan = (outcomes: OutcomesFact, nodes: ReadonlySet<string>, atMs: number): OutcomesFact['seconds'] => {
  const seconds = outcomes.seconds.filter((second) => second.atMs >= atMs - outcomeWindowMs)
  const first =
    seconds.find(({ cells }) => cells.some(({ node, code }) => nodes.has(node) && code !== 'ok'))?.atMs ?? atMs
  return seconds.filter((second) => second.atMs >= first)
}

/** Fewer operations of an instance say nothing about it. */
const leastOperations = 3

/**
 * How differently the instances fare on the nodes that fail: 0 when all fail alike, 1 when one always fails and another never.
 * Null while fewer than two of them have worked enough since.
 */
export function instanceSpread(outcomes: OutcomesFact, nodes: ReadonlySet<string>, atMs: number): number | null {
  // Instances of two applications do not do the same work: they are no measure of each other.
  const spreads = outcomesByContract(outcomes).flatMap((own) => spreadOf(own, nodes, atMs) ?? [])
  return spreads.length === 0 ? null : Math.max(...spreads)
}

function spreadOf(outcomes: OutcomesFact, nodes: ReadonlySet<string>, atMs: number): number | null {
  const seconds = sinceBegan(outcomes, nodes, atMs)
    .slice(1)
    .map((second) => ({ ...second, cells: second.cells.filter(({ node }) => nodes.has(node)) }))
  const groups = failuresByInstance({ ...outcomes, seconds }, 0).filter(({ total }) => total >= leastOperations)
  const shares = groups.map(({ share }) => share)
  return shares.length < 2 ? null : Math.round((Math.max(...shares) - Math.min(...shares)) * 100) / 100
}

/** Share of failures on all other nodes since these began to fail; null where too little was done there. */
export function failuresElsewhere(outcomes: OutcomesFact, nodes: ReadonlySet<string>, atMs: number): number | null {
  const groups = failuresByNode({ ...outcomes, seconds: sinceBegan(outcomes, nodes, atMs) }, 0).filter(
    ({ key }) => !nodes.has(key),
  )
  const total = groups.reduce((sum, group) => sum + group.total, 0)
  const failed = groups.reduce((sum, group) => sum + group.failed, 0)
  return total < leastOperations ? null : Math.round((failed / total) * 1000) / 1000
}
