import type { Change } from '../core/change.ts'
import type { ContractConfig } from '../core/configuration.ts'
import type { OutcomeCell, OutcomesFact } from '../core/facts/cluster.ts'
import { seen, unseen, type Observation, type Unseen } from '../core/observation.ts'
import { subject } from '../core/subject.ts'
import { openOutcomes, type OutcomesFile } from '../fleet/outcomes-file.ts'
import { learnBaseline } from './baseline.ts'

interface Source {
  readonly contract: string
  readonly file: OutcomesFile
  /** Share of failures that is usual for this contract. */
  readonly baseline: number | null
  readonly fact: OutcomesFact | null
}

/** What the applications of a cluster report: every contract's own file. A file that several contracts name is the first one's. */
export class Reported {
  #sources: readonly Source[]

  constructor(contracts: readonly ContractConfig[]) {
    const byFile = new Map<string, string>()
    for (const { name, outcomes } of contracts)
      if (outcomes !== null && !byFile.has(outcomes)) byFile.set(outcomes, name)
    this.#sources = [...byFile].map(([file, contract]) => ({
      contract,
      file: openOutcomes(file),
      baseline: null,
      fact: null,
    }))
  }

  async poll(atMs: number): Promise<Observation<OutcomesFact>> {
    if (this.#sources.length === 0) return notReported
    const polled = await Promise.all(
      this.#sources.map(async (source) => ({ source, fact: await source.file.poll(atMs, source.baseline) })),
    )
    this.#sources = polled.map(({ source, fact }) => ({ ...source, fact: fact.seen ? fact.value : null }))
    const unread = polled.flatMap(({ source, fact }) =>
      fact.seen ? [] : [{ contract: source.contract, ...lack(fact) }],
    )
    const facts = polled.flatMap(({ source, fact }) => (fact.seen ? [{ ...source, fact: fact.value }] : []))
    const [first] = polled
    if (facts.length === 0 && first) return first.fact
    return seen(atMs, { ...merged(facts), ...(unread.length > 0 && { unread }) })
  }

  /** Deployments that the applications told of since the last time this was called. */
  takeChanges(): readonly Change[] {
    return this.#sources.flatMap(({ contract, file }) =>
      file.takeDeployments().map(({ atMs, notBeforeMs, before, after }) => ({
        id: `chg-${atMs}-release-${contract}-${after}`.replaceAll(/[^\w.#-]+/g, '-'),
        atMs,
        notBeforeMs,
        kind: 'deployment' as const,
        object: subject.release(contract),
        before,
        after,
        source: 'outcomes',
      })),
    )
  }

  /** Learns what is usual, while nothing hurts. */
  learn(atMs: number, calm: boolean): void {
    this.#sources = this.#sources.map((source) =>
      source.fact ? { ...source, baseline: learnBaseline(source.baseline, source.fact.seconds, atMs, calm) } : source,
    )
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources.map(async ({ file }) => file.close()))
  }
}

const lack = ({ why, detail, remedy }: Unseen): Omit<Unseen, 'seen'> => ({ why, detail, remedy })

/** One fact of all contracts, each cell with its own. Pure. */
export function merged(
  facts: readonly { readonly contract: string; readonly baseline: number | null; readonly fact: OutcomesFact }[],
): OutcomesFact {
  const seconds = new Map<number, readonly OutcomeCell[]>()
  for (const { contract, fact } of facts)
    for (const { atMs, cells } of fact.seconds)
      seconds.set(atMs, [...(seconds.get(atMs) ?? []), ...cells.map((cell) => ({ ...cell, contract }))])
  return {
    seconds: [...seconds].sort(([a], [b]) => a - b).map(([atMs, cells]) => ({ atMs, cells })),
    baseline: facts.length === 1 ? (facts[0]?.baseline ?? null) : null,
    ...(facts.length > 1 && { baselines: Object.fromEntries(facts.map((each) => [each.contract, each.baseline])) }),
  }
}

export const notReported = unseen(
  'not-configured',
  'the application does not report its outcomes',
  'Give its contract outcomes: file:PATH.',
)
