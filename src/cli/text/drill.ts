import type { DrillResult } from '../../core/drill.ts'
import { duration } from '../../report/duration.ts'
import type { Style } from '../../report/style.ts'
import { table } from '../../report/table.ts'

const minutes = (min: number | null): string => (min === null ? '–' : `${min} min`)
const ms = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : duration(value))

/** A drill's result: then and now, side by side. */
export function drillText(result: DrillResult, style: Style, width: number): readonly string[] {
  const { noticed, named, recovered, prevented, original } = result
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
  ]
  return [
    `${style.strong(`${result.id}  ${result.title}`)}  ${style.faint(`seed ${result.seed}`)}`,
    ...table(rows, { width }),
    ...(result.harm?.why ? [style.bad(`    the drill did not happen: ${result.harm.why}`)] : []),
    ...result.suspects.map(({ id, verdict: word, measured, unit }) =>
      style.faint(`    ${id}: ${word}${measured === null ? '' : `, ${measured} ${unit ?? ''}`}`),
    ),
  ]
}
