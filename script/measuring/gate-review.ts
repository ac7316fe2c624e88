import { shareOf, type Outcome } from '../../bench/gate/caught.ts'
import { reviewTexts, reviewWithCluster } from '../../bench/gate/review-cases.ts'
import { percentile } from '../../src/drills/percentile.ts'
import { review } from '../../src/gate/review/review.ts'
import type { Measured } from './parts.ts'

const asked = { text: 0.6, topology: 0.85, warned: 0.05, thousandMs: 2000 } as const
const runs = 5

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

interface Stage {
  readonly name: string
  readonly outcomes: readonly Outcome[]
  readonly least: number
}

/** Every case of test/gate-cases by its text alone and with a cluster of real servers; and how long a thousand statements take. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const stages: readonly Stage[] = [
    { name: 'text alone', outcomes: await reviewTexts(), least: asked.text },
    { name: 'with the cluster', outcomes: await reviewWithCluster(progress), least: asked.topology },
  ]
  const times = await thousandStatements()
  const thousandMs = percentile(times, 0.95)
  const met = stages.every(isMet) && thousandMs <= asked.thousandMs
  return {
    header: ['stage', 'faults named', 'share', 'controls right', 'harmless stopped', 'harmless warned of'],
    rows: stages.map(rowOf),
    notes: [
      `Asked: ${percent(asked.text)} of the faults by the text alone, ${percent(asked.topology)} with the cluster, with the right consequence, object and node; no control and nothing harmless stopped, at most ${percent(asked.warned)} warned of. ${stages.every(isMet) ? 'Met.' : '**Not met.**'}`,
      ...stages.map(({ name, outcomes }) => `Not named, ${name}: ${missedOf(outcomes)}.`),
      `A thousand statements by their text alone: p50 ${percentile(times, 0.5).toFixed(0)} ms, p95 ${thousandMs.toFixed(0)} ms of ${runs} runs; asked: at most ${asked.thousandMs} ms.`,
      'The cases and the rules were written by the same people, from the same measured list: the share says how much of that list is held, not how much of what nobody has thought of.',
    ],
    met,
  }
}

const faultsOf = (outcomes: readonly Outcome[]): readonly Outcome[] => outcomes.filter(({ of }) => of.breaks !== null)
const isHarmless = ({ of }: Outcome): boolean => of.id.startsWith('H')
const harmlessOf = (outcomes: readonly Outcome[]): readonly Outcome[] => outcomes.filter(isHarmless)
const controlsOf = (outcomes: readonly Outcome[]): readonly Outcome[] =>
  outcomes.filter((outcome) => outcome.of.breaks === null && !isHarmless(outcome))

function isMet({ outcomes, least }: Stage): boolean {
  const harmless = harmlessOf(outcomes)
  const warned = harmless.filter(({ verdict }) => verdict === 'warn').length
  return (
    shareOf(faultsOf(outcomes)) >= least &&
    controlsOf(outcomes).every(({ isRight }) => isRight) &&
    harmless.every(({ verdict }) => verdict !== 'block') &&
    warned <= asked.warned * harmless.length
  )
}

function rowOf({ name, outcomes }: Stage): readonly string[] {
  const [faults, controls, harmless] = [faultsOf(outcomes), controlsOf(outcomes), harmlessOf(outcomes)]
  const right = (all: readonly Outcome[]): string => `${all.filter(({ isRight }) => isRight).length} of ${all.length}`
  const count = (verdict: string): string =>
    `${harmless.filter((one) => one.verdict === verdict).length} of ${harmless.length}`
  return [name, right(faults), percent(shareOf(faults)), right(controls), count('block'), count('warn')]
}

const missedOf = (outcomes: readonly Outcome[]): string =>
  faultsOf(outcomes)
    .filter(({ isRight }) => !isRight)
    .map(({ of }) => `${of.id} (${of.title})`)
    .join('; ') || 'none'

/** As a long branch has them: new tables with their indexes, columns and rows. */
async function thousandStatements(): Promise<readonly number[]> {
  const statements = Array.from({ length: 250 }, (_, n) => [
    `create table part_${n} (id bigint generated always as identity primary key, name text not null, at timestamptz);`,
    `create index concurrently part_${n}_name on part_${n} (name);`,
    `alter table users add column extra_${n} text;`,
    `update users set extra_${n} = name where id = ${n};`,
  ])
  const text = statements.flat().join('\n')
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const startedMs = performance.now()
    await review({
      files: [{ name: 'thousand.sql', text, before: null }],
      cluster: null,
      logins: [],
      failOn: 'error',
      today: '2026-01-01',
      signal: AbortSignal.timeout(60_000),
    })
    times.push(performance.now() - startedMs)
  }
  return times
}
