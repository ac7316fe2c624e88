import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { rehearseCase, type CaseResult } from '../../bench/gate/rehearse-case.ts'
import { reviewWithCluster } from '../../bench/gate/review-cases.ts'
import { wrapCase } from '../../bench/gate/wrap-case.ts'
import { manyTables } from '../../bench/gate/rehearse-many.ts'
import { percentile } from '../../src/drills/percentile.ts'
import { authBlueprint } from '../../src/lab/auth.ts'
import { startLab } from '../../src/lab/start-lab.ts'
import { faultCases, harmlessCases } from '../../test/gate-cases/all.ts'
import type { GateCase } from '../../test/gate-cases/case.ts'
import { KeptFigures, type Kept } from './kept-figures.ts'
import { digestOf, parts, type Measured } from './parts.ts'

const asked = { caught: 0.9, together: 0.97, warned: 0.05, manyMs: 15_000 } as const
/** What somebody does by hand, and files of other programs, no copy can carry out. */
const canBeRehearsed = ({ files }: GateCase): boolean =>
  files.length > 0 && files.every(({ name }) => /\.(?:sql|conf)$/.test(name))

/** Only these, where somebody mends what one of them has shown: `ANTEMORTEM_CASES=A01,C07`. */
const chosen = (process.env['ANTEMORTEM_CASES'] ?? '').split(',').filter((id) => id !== '')
const isChosen = ({ id }: GateCase): boolean => chosen.length === 0 || chosen.includes(id)

interface Row extends CaseResult {
  readonly of: GateCase
}

/** Every change of test/gate-cases on a copy of a cluster of real servers; and how long a rehearsal of fifty tables takes. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const sources = digestOf(
    resolve(import.meta.dirname, '../..'),
    parts.find(({ name }) => name === 'gate-rehearse')?.speaksOf ?? [],
  )
  const kept = new KeptFigures(`gate-rehearse-${sources}`)
  const rows = await allCases(kept, progress)
  const many: Kept =
    chosen.length === 0
      ? await kept.take('fifty tables', async () => ({ figures: await manyTables(progress), words: [] }))
      : { figures: {}, words: [] }
  const manyMs = many.figures['cachedMs'] ?? Infinity
  const faults = rows.filter(({ of }) => of.breaks !== null)
  const controls = rows.filter(({ of }) => of.breaks === null && !of.id.startsWith('H'))
  const harmless = rows.filter(({ of }) => of.id.startsWith('H'))
  const share = faults.filter(({ isRight }) => isRight).length / faults.length
  const elsewhere = await atOtherStages(
    new Set(faults.filter(({ isRight }) => isRight).map(({ id }) => id)),
    kept,
    progress,
  )
  const all = faultCases.filter((of) => of.breaks !== null && isChosen(of))
  const missed = all.filter(({ id }) => !elsewhere.has(id) && !faults.some((one) => one.id === id && one.isRight))
  const together = 1 - missed.length / all.length
  const blocked = harmless.filter(({ verdict }) => verdict === 'block')
  const warned = harmless.filter(({ verdict }) => verdict === 'warn')
  const met =
    chosen.length === 0 &&
    share >= asked.caught &&
    together >= asked.together &&
    controls.every(({ isRight }) => isRight) &&
    blocked.length === 0 &&
    warned.length <= asked.warned * harmless.length &&
    manyMs <= asked.manyMs
  const count = (all: readonly Row[]): string => `${all.filter(({ isRight }) => isRight).length} of ${all.length}`
  const times = rows.map(({ ms }) => ms)
  return {
    header: ['', ''],
    rows: [
      ['faults found with consequence, object and node', `${count(faults)} (${(share * 100).toFixed(1)} %)`],
      ['faults found by whatever name', `${faults.filter(({ isFound }) => isFound).length} of ${faults.length}`],
      [
        'faults found by this, by the review with the cluster, or by hand under the gate',
        `${all.length - missed.length} of ${all.length} (${(together * 100).toFixed(1)} %)`,
      ],
      ['controls right', count(controls)],
      ['harmless stopped, warned of', `${blocked.length}, ${warned.length} of ${harmless.length}`],
      [
        'one rehearsal, p50 and p95',
        `${percentile(times, 0.5).toFixed(0)} ms, ${percentile(times, 0.95).toFixed(0)} ms`,
      ],
      ['fifty tables, first time', `${(many.figures['firstMs'] ?? 0).toFixed(0)} ms`],
      ['fifty tables, from the cache', `${manyMs.toFixed(0)} ms`],
    ],
    notes: [
      ...(chosen.length === 0 ? [] : [`Only of the cases ${chosen.join(', ')}.`]),
      `Asked: ${asked.caught * 100} % of the faults, ${asked.together * 100} % by all stages together, no control and nothing harmless stopped, at most ${asked.warned * 100} % warned of, fifty tables in ${asked.manyMs / 1000} s from the cache. ${met ? 'Met.' : '**Not met.**'}`,
      `A finding counts whose consequence is right, whose object is the thing or the line that names it, and which names the nodes where it hurts and no other.`,
      `Not so: ${
        faults
          .filter(({ isRight }) => !isRight)
          .map(({ of }) => `${of.id} (${of.title})`)
          .join('; ') || 'none'
      }.`,
      `By no stage: ${missed.map(({ id, title }) => `${id} (${title})`).join('; ') || 'none'}.`,
      `Left out, because no copy can carry them out: ${[...faultCases, ...harmlessCases]
        .filter((one) => !canBeRehearsed(one))
        .map(({ id }) => id)
        .join(', ')}.`,
    ],
    met,
  }
}

/** Which of the faults that a rehearsal does not find another stage does: the review with the cluster, or a look before and after. */
async function atOtherStages(
  found: ReadonlySet<string>,
  kept: KeptFigures,
  progress: (words: string) => void,
): Promise<ReadonlySet<string>> {
  const left = faultCases.filter((of) => of.breaks !== null && isChosen(of) && !found.has(of.id))
  const right = new Set<string>()
  for (const one of left) {
    const { figures } = await kept.take(`other stages ${one.id}`, async () => ({
      figures: { isRight: Number(await isFoundElsewhere(one, progress)) },
      words: [],
    }))
    if (figures['isRight'] === 1) right.add(one.id)
  }
  return right
}

async function isFoundElsewhere(one: GateCase, progress: (words: string) => void): Promise<boolean> {
  const [reviewed] = one.files.length === 0 ? [] : await reviewWithCluster(progress, new RegExp(`^${one.id}$`))
  if (reviewed?.isRight === true || one.deed === undefined) return reviewed?.isRight === true
  await using real = await startLab(authBlueprint())
  const { isRight, verdict } = await wrapCase(real, one, AbortSignal.timeout(300_000))
  progress(`${one.id} by hand: ${verdict}${isRight ? '' : ', not as expected'}`)
  return isRight
}

async function allCases(kept: KeptFigures, progress: (words: string) => void): Promise<readonly Row[]> {
  const cases = [...faultCases, ...harmlessCases].filter((of) => canBeRehearsed(of) && isChosen(of))
  const directory = mkdtempSync(join(tmpdir(), 'antemortem-cases-'))
  await using real = await startLab(authBlueprint())
  try {
    const rows: Row[] = []
    for (const of of cases) {
      const one = await kept.take(of.id, async () => {
        const result = await rehearseCase({ real, directory: join(directory, 'app') }, of, AbortSignal.timeout(300_000))
        progress(
          `${of.id} ${result.verdict}${result.isRight ? '' : `, not as expected: ${result.found.join(' | ') || 'nothing found'}`}`,
        )
        return asKept(result)
      })
      rows.push(asRow(of, one))
    }
    return rows
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const asKept = ({ verdict, rollback, found, isRight, isFound, ms }: CaseResult): Kept => ({
  figures: { isRight: Number(isRight), isFound: Number(isFound), ms },
  words: [verdict, rollback, ...found],
})

const verdicts = ['pass', 'warn', 'block', 'refused'] as const

const asRow = (of: GateCase, { figures, words: [verdict = '', rollback = '', ...found] }: Kept): Row => ({
  of,
  id: of.id,
  verdict: verdicts.find((one) => one === verdict) ?? 'refused',
  rollback,
  found,
  isRight: figures['isRight'] === 1,
  isFound: figures['isFound'] === 1,
  ms: figures['ms'] ?? 0,
})
