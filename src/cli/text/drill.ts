import type { DrillResult } from '../../core/drill.ts'
import { duration } from '../../report/duration.ts'
import type { Style } from '../../report/style.ts'
import { table } from '../../report/table.ts'
import { cutTo } from '../../report/width.ts'
import { tally, type Tally } from '../../drills/tally.ts'

const minutes = (min: number | null): string => (min === null ? '–' : `${min} min`)
const ms = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : duration(value))

/** A drill's result: then and now, side by side. */
export function drillText(result: DrillResult, style: Style, width: number): readonly string[] {
  const { noticed, named, recovered, prevented, gate = [], corrected, original } = result
  const verdict = named.correct ? style.good('right') : style.bad('wrong')
  const rows: readonly (readonly string[])[] = [
    ['', style.strong('then'), style.strong('now')],
    ['  noticed', '', `${ms(noticed.ms)}${noticed.by === null ? '' : style.faint(` by ${noticed.by}`)}`],
    [
      '  cause named',
      minutes(original.toCauseMin),
      `${ms(named.ms)}  ${verdict}  ${named.cause ?? 'nothing'}${named.subject === null ? '' : ` on ${named.subject}`}`,
    ],
    [
      '  mended',
      minutes(original.totalMin),
      recovered
        ? `${ms(recovered.ms)}  ${recovered.verified ? style.good('rows compared, equal') : style.bad('not verified')}`
        : '–',
    ],
    ['  prevented', 'no', prevented ? `${ms(prevented.ms)}  ${style.good(`refused by ${prevented.by}`)}` : '–'],
    ...(corrected === 'block' ? [['', '', style.bad('the same change done right is refused as well')]] : []),
    ...(prevented ? gate.slice(1) : gate).map(({ by, rule, stopped, ms: took, why }) => [
      '',
      '',
      stopped ? `${ms(took)}  ${style.good(`refused by ${by} (${rule})`)}` : style.bad(`${by}: ${why}`),
    ]),
  ]
  return [
    `${style.strong(`${result.id}  ${result.title}`)}  ${style.faint(`seed ${result.seed}`)}`,
    ...table(rows, { width }),
    ...(result.without ? [style.faint(`    without ${result.without.join(', ')}`)] : []),
    ...(result.wronglyConfirmed ?? []).map((cause) => style.bad(`    wrongly confirmed: ${cause}`)),
    ...(result.harm?.why ? [style.bad(`    the drill did not happen: ${result.harm.why}`)] : []),
    ...result.suspects.map(({ id, verdict: word, measured, unit }) =>
      style.faint(`    ${id}: ${word}${measured === null ? '' : `, ${measured} ${unit ?? ''}`}`),
    ),
  ]
}

/** One run of many in one line. */
export function drillLine(
  { id, seed, named, noticed, wronglyConfirmed = [], harm }: DrillResult,
  style: Style,
  width: number,
): string {
  const verdict = named.correct ? style.good('right') : style.bad('not right')
  const said = `${named.cause ?? 'nothing named'}${named.correct || !harm?.why ? '' : ` (the drill did not happen: ${harm.why})`}`
  const wrong = wronglyConfirmed.length === 0 ? '' : style.bad(`  wrongly confirmed ${wronglyConfirmed.join(', ')}`)
  return cutTo(
    `${`seed ${seed}`.padEnd(9)} ${id.padEnd(6)} ${verdict}  noticed ${ms(noticed.ms)}, named ${ms(named.ms)}  ${said}${wrong}`,
    width,
  )
}

/** What several runs gave, a row for each drill. */
export function tallyText(
  results: readonly DrillResult[],
  wanted: number,
  style: Style,
  width: number,
): readonly string[] {
  const tallies = tally(results)
  const right = results.filter(({ named }) => named.correct).length
  const wrong = results.reduce((sum, { wronglyConfirmed = [] }) => sum + wronglyConfirmed.length, 0)
  const times = (values: Tally['namedMs']): string =>
    values === null ? '–' : `${ms(values.half)} / ${ms(values.most)}`
  return [
    '',
    ...table(
      [
        ['drill', 'right', 'noticed', 'named', 'else'].map(style.strong),
        ...tallies.map((each) => [
          style.name(each.id),
          (each.right === each.runs ? style.good : style.bad)(`${each.right} of ${each.runs}`),
          times(each.noticedMs),
          times(each.namedMs),
          [
            ...each.insteadNamed.map((cause) => `named ${cause}`),
            ...each.wronglyConfirmed.map((cause) => style.bad(`wrongly confirmed ${cause}`)),
          ].join(', '),
        ]),
      ],
      { width },
    ),
    '',
    `${right} of ${results.length} right, ${wrong} wrongly confirmed; times are half of the runs / 95 of 100`,
    ...(results.length < wanted ? [style.warning(`${wanted - results.length} of ${wanted} runs were not made`)] : []),
  ]
}
