/** A process that runs one outage after the other, as its parent asks for them: labs at once do not wait for each other's watchers. */
import { z } from 'zod'
import { AntemortemError } from '../../src/core/error.ts'
import type { Judgement } from '../../src/drills/judge.ts'
import { withholdable } from '../../src/drills/lab-cluster.ts'
import { drills } from '../../src/drills/list.generated.ts'
import type { Truth } from '../../src/drills/scene.ts'
import { drillOnce } from './drilling.ts'
import type { KeptOutage } from './kept-runs.ts'

const asked = z.object({ id: z.string(), seed: z.number(), atOnce: z.number() })
export type Asked = z.output<typeof asked>
/** A lab that did not come up says nothing of a diagnosis. */
export type Answer = { readonly outage: KeptOutage } | { readonly notRun: string }

// Whoever asked is gone: the lab's keeper takes the servers away.
process.on('disconnect', () => process.exit(1))
process.on('message', (message) => void answer(asked.parse(message)))

async function answer({ id, seed, atOnce }: Asked): Promise<void> {
  process.send?.(await watchOutage(id, seed, atOnce))
}

async function watchOutage(id: string, seed: number, atOnce: number): Promise<Answer> {
  const drill = drills.find((each) => each.id === id)
  if (!drill) throw new Error(`no drill ${id}`)
  try {
    const { judgement, beside, act } = await drillOnce(
      drill,
      seed,
      withholdable.map((each) => [each]),
    )
    const { cause } = act.truth
    const watched = [judgement, ...beside].map((one, n) => watchedOf(withholdable[n - 1] ?? '', one, act.truth))
    const truth = cause === 'healthy' || cause === 'unknown' ? cause : 'cause'
    return { outage: { id, seed, truth, notHappened: judgement.harm.why, atOnce, watched } }
  } catch (error) {
    if (!(error instanceof AntemortemError)) throw error
    return { notRun: error.message }
  }
}

function watchedOf(without: string, judgement: Judgement, { cause }: Truth): KeptOutage['watched'][number] {
  const { harm, harmMs, namedMs, named, noticed, verdict, trigger, wronglyConfirmed, incidents, suspects } = judgement
  const isNothing = cause === 'healthy' || cause === 'unknown'
  const notTested = suspects.filter((one) => one.verdict === 'not-tested')
  const unexplained = suspects.filter((one) => (one.verdict === 'not-tested' ? one.why === '' : one.measured === null))
  return {
    without,
    right: isNothing ? named.correct : verdict === 'right' && harm.happened,
    cause: named.cause,
    trigger,
    triggerNamed: named.trigger,
    wronglyConfirmed: [...wronglyConfirmed],
    incidents,
    notTested: notTested.map(({ id, why }) => `${id}: ${why}`),
    unexplained: unexplained.map(({ id }) => id),
    noticedMs: noticed.ms,
    namedMs: named.ms,
    namedAfterHarmMs: namedMs === null || harmMs === null ? null : namedMs - harmMs,
  }
}
