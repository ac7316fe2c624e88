import { resolve } from 'node:path'
import { AntemortemError } from '../../src/core/error.ts'
import { withholdable } from '../../src/drills/lab-cluster.ts'
import { drills } from '../../src/drills/list.generated.ts'
import type { Drill } from '../../src/drills/scene.ts'
import { seedsOf } from '../../src/drills/seeds.ts'
import { drillOnce } from './drilling.ts'
import { KeptRuns, type KeptRun } from './kept-runs.ts'
import { failuresOf, header, rowsOf } from './outages-table.ts'
import { digestOf, parts, type Measured } from './parts.ts'

/** After that no run is begun: the next call goes on. */
const mostMs = Number(process.env['ANTEMORTEM_MINUTES'] ?? 70) * 60_000

interface Wanted {
  readonly drill: Drill
  readonly seed: number
  readonly without: '' | (typeof withholdable)[number]
}

/** All drills, with everything that can be given and with less: what is named, how soon, and whether it is ever wrong. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const text = process.env['ANTEMORTEM_SEEDS'] ?? '1..3'
  const seeds = seedsOf(text)
  if (seeds === null) throw new Error(`ANTEMORTEM_SEEDS=${text}: expected N or A..B`)
  const wanted = (['', ...withholdable] as const).flatMap((without): Wanted[] =>
    seeds.flatMap((seed) => drills.map((drill) => ({ drill, seed, without }))),
  )
  const speaksOf = parts.find(({ name }) => name === 'outages')?.speaksOf ?? []
  const kept = new KeptRuns(digestOf(resolve(import.meta.dirname, '../..'), speaksOf))
  const failed = await runAll(wanted, kept, progress)
  const runs = kept.runs.filter(({ seed }) => seeds.includes(seed))
  return measuredOf(runs, { text, wanted: wanted.length, failed })
}

async function runAll(
  wanted: readonly Wanted[],
  kept: KeptRuns,
  progress: (words: string) => void,
): Promise<readonly string[]> {
  const endAt = performance.now() + mostMs
  const failed: string[] = []
  const left = wanted.filter(({ drill, seed, without }) => !kept.has({ without, id: drill.id, seed }))
  for (const [n, each] of left.entries()) {
    if (performance.now() > endAt) break
    const name = `${each.drill.id} seed ${each.seed}${each.without === '' ? '' : ` without ${each.without}`}`
    try {
      const run = await runOne(each)
      kept.add(run)
      progress(
        `${n + 1} of ${left.length}  ${name}: ${run.cause ?? 'nothing'}${run.right ? '' : ' (not the truth)'}${run.wronglyConfirmed.length === 0 ? '' : ` WRONGLY CONFIRMED ${run.wronglyConfirmed.join(', ')}`}`,
      )
    } catch (error) {
      // A lab that did not come up says nothing of a diagnosis; the next call tries it again.
      if (!(error instanceof AntemortemError)) throw error
      failed.push(`${name}: ${error.message}`)
      progress(`${name}: ${error.message}`)
    }
  }
  return failed
}

async function runOne({ drill, seed, without }: Wanted): Promise<KeptRun> {
  const { result, judgement, act } = await drillOnce(drill, seed, without === '' ? [] : [without])
  const isHealthy = act.truth.cause === 'healthy' || act.truth.cause === 'unknown'
  return {
    without,
    id: drill.id,
    seed,
    healthy: isHealthy,
    right: isHealthy ? result.named.correct : judgement.verdict === 'right' && judgement.harm.happened,
    happened: judgement.harm.happened,
    cause: result.named.cause,
    trigger: judgement.trigger,
    wronglyConfirmed: [...judgement.wronglyConfirmed],
    notTested: result.suspects.filter(({ verdict }) => verdict === 'not-tested').map(({ id }) => id),
    noticedMs: result.noticed.ms,
    namedMs: result.named.ms,
  }
}

function measuredOf(
  runs: readonly KeptRun[],
  { text, wanted, failed }: { readonly text: string; readonly wanted: number; readonly failed: readonly string[] },
): Measured {
  const withAll = runs.filter(({ without }) => without === '')
  const wrong = runs.reduce((sum, { wronglyConfirmed }) => sum + wronglyConfirmed.length, 0)
  const met = wrong === 0 && withAll.every(({ right, trigger }) => right && trigger !== 'wrong')
  const ids = drills.map(({ id }) => id)
  const failures = failuresOf(runs)
  const healthy = ids.filter((id) => runs.some((run) => run.id === id && run.healthy))
  return {
    header,
    rows: ['', ...withholdable].flatMap((without) => rowsOf(without, runs, ids)),
    notes: [
      `Asked: with everything each cause named first, and no trigger wrong; with less only less sure: wrongly confirmed 0 in all. ${met ? 'Met.' : '**Not met.**'}`,
      `Seeds ${text}, ${runs.length} of ${wanted} runs; \`ANTEMORTEM_SEEDS=1..100 script/measure outages\` goes on until it has all, 70 minutes at a time. Where nothing is wrong (${healthy.join(', ')}), right first means no incident. An open trigger is right where no change set it off, and where two fit. Of the runs with less, only drills that were not always named have a row of their own.`,
      ...(failures.length === 0 ? [] : [`Not as it should be:\n\n${failures.map((line) => `- ${line}`).join('\n')}`]),
      ...(failed.length === 0 ? [] : [`Not run: ${failed.join('; ')}.`]),
    ],
    met,
  }
}
