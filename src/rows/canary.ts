import type { CanaryAnswer, CanaryFact } from '../core/facts/cluster.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import type { Pair } from './fence.ts'
import { takeFence, waitFence } from './fence.ts'

/** One answer to the contract's canary. */
export interface Answer {
  readonly rows: number
  readonly digest: string
}

export interface CanaryQuestion {
  readonly contract: string
  readonly tables: readonly string[]
  /** The node that the others follow. */
  readonly source: string
  /** Each other node, and how it follows; null: it cannot be fenced, and is never judged. */
  readonly targets: readonly { readonly node: string; readonly pair: Pair | null }[]
  /** Asks one node with the contract's own login; null where it does not answer. */
  ask(node: string, signal: AbortSignal): Promise<Answer | null>
  readonly fence: { readonly deadlineMs: number; readonly passive: boolean }
  readonly now: () => number
  readonly signal: AbortSignal
}

const limits = {
  rounds: { default: 6, unit: 'rounds', why: 'an answer that changes now and then is settled by one quiet moment' },
  steadyRounds: { default: 3, unit: 'rounds', why: 'two could be the same by chance, where the answer flips' },
} as const

/** What a target showed behind a fence, beside the source before and after. */
interface Look {
  readonly before: Answer
  readonly target: Answer
  readonly after: Answer
}

/**
 * The canary's answer of every node. All at once and without a fence while they are equal; a node that differs is asked again
 * behind a fence. Two unequal digests in the result are a difference: what was only late, or moved on the source meanwhile,
 * shows the source's answer, and what cannot be judged is `not-reached`.
 */
export async function compareCanary(question: CanaryQuestion): Promise<CanaryFact> {
  const { contract, tables, source, targets, signal } = question
  const [first, ...others] = await Promise.all(
    [source, ...targets.map(({ node }) => node)].map(async (node) => question.ask(node, signal)),
  )
  const settled = await Promise.all(
    targets.map(async ({ node, pair }, n): Promise<Settled> => {
      const other = others[n] ?? null
      if (!other || !first) return { node, answer: other, fence: 'not-needed', source: null }
      if (other.digest === first.digest) return { node, answer: 'as-source', fence: 'not-needed', source: null }
      return pair ? settle(question, node, pair) : { node, answer: other, fence: 'not-reached', source: null }
    }),
  )
  // What the source said last: a target that is judged different is different from that.
  const shown = settled.findLast((one) => one.source !== null)?.source ?? first ?? null
  const answers = settled.flatMap(({ node, answer, fence }): CanaryAnswer[] => {
    const said = answer === 'as-source' ? shown : answer
    return said ? [{ node, ...said, fence }] : []
  })
  const ofSource: CanaryAnswer[] = shown ? [{ node: source, ...shown, fence: 'not-needed' }] : []
  return { contract, atMs: question.now(), tables, answers: [...ofSource, ...answers] }
}

interface Settled {
  readonly node: string
  readonly answer: Answer | 'as-source' | null
  readonly fence: CanaryAnswer['fence']
  /** What the source said last. */
  readonly source: Answer | null
}

async function settle(question: CanaryQuestion, node: string, pair: Pair): Promise<Settled> {
  const { signal } = question
  let looks: readonly Look[] = []
  let last: Answer | null = null
  for (let round = 0; round < limits.rounds.default; round += 1) {
    const before = looks.at(-1)?.after ?? (await question.ask(question.source, signal))
    const wait = await fenced(question, pair)
    const target = await question.ask(node, signal)
    const after = await question.ask(question.source, signal)
    last = target
    // Without a fence or without the source there is nothing to judge by.
    if (!target || !before || !after || !wait) return { node, answer: target, fence: 'not-reached', source: after }
    if (target.digest === before.digest || target.digest === after.digest)
      return { node, answer: 'as-source', fence: 'reached', source: after }
    looks = [...looks.slice(1 - limits.steadyRounds.default), { before, target, after }]
    if (isSettled(looks)) return { node, answer: target, fence: 'reached', source: after }
  }
  return { node, answer: last, fence: 'not-reached', source: null }
}

async function fenced({ fence, signal }: CanaryQuestion, pair: Pair): Promise<boolean> {
  try {
    const wait = await waitFence(pair, await takeFence(pair.source, signal), { ...fence, signal })
    return wait.reached
  } catch (error) {
    // A node that our own link does not reach may still answer the application.
    if (error instanceof ReadFailed) return false
    throw error
  }
}

/**
 * The same on both sides for several rounds. An answer has no row versions to tell that it came back as it was, so one that
 * flips between two values may, rarely, look steady: a canary reads what does not change.
 */
function isSettled(looks: readonly Look[]): boolean {
  const [first] = looks
  return (
    first !== undefined &&
    looks.length >= limits.steadyRounds.default &&
    looks.flatMap(({ before, after }) => [before, after]).every(({ digest }) => digest === first.before.digest) &&
    looks.every(({ target }) => target.digest === first.target.digest)
  )
}
