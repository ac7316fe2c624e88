import { resolve } from 'node:path'
import { withholdable } from '../../src/drills/lab-cluster.ts'
import { drills } from '../../src/drills/list.generated.ts'
import { seedsOf } from '../../src/drills/seeds.ts'
import { KeptRuns, type KeptOutage, type KeptRun } from './kept-runs.ts'
import { runLanes } from './outage-lanes.ts'
import { failuresOf, header, reasonsOf, rowsOf } from './outages-table.ts'
import { digestOf, parts, type Measured } from './parts.ts'
import { isInTime, quietest, timesOf } from './outages-times.ts'

/** After that no outage is begun: the next call goes on. */
const mostMs = Number(process.env['ANTEMORTEM_MINUTES'] ?? 70) * 60_000
const atOnce = Number(process.env['ANTEMORTEM_AT_ONCE'] ?? 2)
/** Other heavy work on this machine meanwhile: times are given of the outages that had the least beside them. */
const beside = Number(process.env['ANTEMORTEM_BESIDE'] ?? 0)
const withouts = ['', ...withholdable]
const ids = drills.map(({ id }) => id)
/** Of the runs with everything that is there to see. */
const leastRight = 0.95

/** All drills, with everything that can be given and with less: what is named, how soon, and whether it is ever wrong. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const text = process.env['ANTEMORTEM_SEEDS'] ?? '1..3'
  const seeds = seedsOf(text)
  if (seeds === null) throw new Error(`ANTEMORTEM_SEEDS=${text}: expected N or A..B`)
  if (!Number.isInteger(atOnce) || atOnce < 1) throw new Error('ANTEMORTEM_AT_ONCE: expected a number of labs')
  // Names are drawn by the seed: all drills of one share the copy of its servers.
  const wanted = seeds.flatMap((seed) => ids.map((id) => ({ id, seed })))
  const speaksOf = parts.find(({ name }) => name === 'outages')?.speaksOf ?? []
  const kept = new KeptRuns(digestOf(resolve(import.meta.dirname, '../..'), speaksOf))
  const failed = await runAll(wanted, kept, progress)
  return measuredOf(kept.runs(seeds, ids, withouts), { text, wanted: wanted.length, failed })
}

async function runAll(
  wanted: readonly Pick<KeptOutage, 'id' | 'seed'>[],
  kept: KeptRuns,
  progress: (words: string) => void,
): Promise<readonly string[]> {
  const endAt = performance.now() + mostMs
  const left = wanted.filter((each) => !kept.has(each))
  const failed: string[] = []
  let begun = 0
  let ended = 0
  await runLanes(
    Math.min(atOnce, left.length),
    beside,
    () => (performance.now() > endAt ? null : (left[begun++] ?? null)),
    ({ id, seed }, answer) => {
      ended += 1
      const name = `${ended} of ${left.length}  ${id} seed ${seed}`
      if ('outage' in answer) {
        kept.add(answer.outage)
        progress(`${name}: ${answer.outage.watched.map(wordsOf).join('; ')}`)
        return
      }
      // The next call tries it again.
      failed.push(`${id} seed ${seed}: ${answer.notRun}`)
      progress(`${name}: ${answer.notRun}`)
    },
  )
  return failed.toSorted()
}

const wordsOf = ({ without, cause, right, wronglyConfirmed }: KeptOutage['watched'][number]): string =>
  `${without === '' ? '' : `without ${without} `}${cause ?? 'nothing'}${right ? '' : ' (not the truth)'}` +
  (wronglyConfirmed.length === 0 ? '' : ` WRONGLY CONFIRMED ${wronglyConfirmed.join(', ')}`)

function measuredOf(
  runs: readonly KeptRun[],
  { text, wanted, failed }: { readonly text: string; readonly wanted: number; readonly failed: readonly string[] },
): Measured {
  const first = runs.filter(({ without }) => without === '')
  const isNeverWrong = runs.every(
    ({ wronglyConfirmed, trigger }) => wronglyConfirmed.length === 0 && trigger !== 'wrong',
  )
  const isRight = first.filter(({ right }) => right).length >= leastRight * first.length
  const isCalm = runs.every(({ truth, incidents }) => truth !== 'healthy' || incidents === 0)
  const isExplained = runs.every(({ unexplained }) => unexplained.length === 0)
  const inTime = isInTime(quietest(first))
  const met = isNeverWrong && isRight && isCalm && isExplained && inTime
  const failures = failuresOf(runs)
  const reasons = reasonsOf(first)
  const sides = [...new Set(first.map((run) => run.atOnce))].toSorted((a, b) => a - b)
  return {
    header,
    rows: withouts.flatMap((without) => rowsOf(without, runs, ids)),
    notes: [
      `Asked: with everything the cause named first in 95 %; wrongly confirmed 0 and no trigger wrong, also with less; no incident where nothing is wrong; each suspect with a number, or a reason for having none; the times below. ${met ? 'Met.' : '**Not met.**'}`,
      timesOf(quietest(first)),
      `Seeds ${text}, ${first.length} of ${wanted} outages; \`ANTEMORTEM_SEEDS=1..100 script/measure outages\` goes on until it has all, 70 minutes at a time. Each outage happened once, in a lab of its own, with ${sides.join(' or ')} labs or other heavy work at once on this machine; times are of the ${quietest(first).length} outages that had the least beside them. Five watchers looked at it side by side: one with everything, whose times are given and who decided when it was over, and one without each kind of evidence; those had up to eight seconds more. A probe of one is nothing to another, but all take their time from the same processors.`,
      `Where nothing is wrong, right first means no incident, and where no cause of the catalogue is right, that none was named. An open trigger is right where no change set it off, and where two fit. Of the watchers with less, only drills that were not always named have a row of their own.`,
      ...(reasons.length === 0
        ? []
        : [
            `Not tested with everything that is there to see, and why, one example each:\n\n${reasons.map((line) => `- ${line}`).join('\n')}`,
          ]),
      ...(failures.length === 0 ? [] : [`Not as it should be:\n\n${failures.map((line) => `- ${line}`).join('\n')}`]),
      ...(failed.length === 0 ? [] : [`Not run: ${failed.join('; ')}.`]),
    ],
    met,
  }
}
