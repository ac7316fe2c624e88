import type { DifferingRow, PairReport, RowImage, RowVerdict, TableReport, VerifyReport } from '../core/verification.ts'
import { duration } from '../report/duration.ts'
import type { Style } from '../report/style.ts'
import { cutTo, padTo, widthOf } from '../report/width.ts'
import { wrap } from '../report/wrap.ts'
import type { Tally } from './rate.ts'
import { rateOf } from './rate.ts'

const limits = {
  examples: { default: 5, unit: 'rows', why: 'enough to see what they have in common; JSON has all that were kept' },
} as const

/** A verification in plain words: what is the same, what differs and how, what was not looked at, what to type next. */
export function verifyText(report: VerifyReport, style: Style, width: number): readonly string[] {
  const names = report.pairs.flatMap(({ tables }) => tables.map(({ table }) => widthOf(table)))
  const column = Math.min(40, Math.max(0, ...names)) + 2
  return [
    `${style.strong(`cluster ${report.cluster}`)}  ${headWords(report, style)}`,
    ...report.pairs.flatMap((pair) => [
      '',
      `${style.strong(`${pair.left} → ${pair.right}`)}  ${followsWords(pair)}`,
      ...(pair.tables.length === 0 ? [style.faint('  no table that is meant')] : []),
      ...pair.tables.flatMap((table) => tableLines(pair, table, column, style, width)),
    ]),
    ...report.notCovered.flatMap(({ what, why }, n) => [
      ...(n === 0 ? ['', style.faint('not looked at')] : []),
      ...wrap(`  ${what}: ${why}`, width, '    '),
    ]),
    ...nextLines(report, style, width),
  ]
}

const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`

export const percent = (share: number): string =>
  `${share === 1 ? '100' : (Math.floor(share * 1000) / 10).toFixed(1)} %`

const painted = (verdict: RowVerdict, style: Style): string =>
  verdict === 'consistent'
    ? style.good(verdict)
    : verdict === 'divergent' || verdict === 'corrupt'
      ? style.bad(verdict)
      : style.warning(verdict)

function headWords({ verdict, coverage, oldestVerifiedMs, atMs, pairs }: VerifyReport, style: Style): string {
  const tables = pairs.reduce((sum, pair) => sum + pair.tables.length, 0)
  const age =
    oldestVerifiedMs === null ? 'nothing verified' : `oldest look ${duration(Math.max(0, atMs - oldestVerifiedMs))} ago`
  const what = `${count(tables, 'table')} on ${count(pairs.length, 'pair')}, ${percent(coverage)} of the rows, ${age}`
  return `${painted(verdict, style)}  ${what}`
}

const followsWords = ({ follows }: PairReport): string =>
  follows === 'declared' ? 'neither is known to follow the other' : follows

function tableLines(
  { left, right }: PairReport,
  table: TableReport,
  column: number,
  style: Style,
  width: number,
): readonly string[] {
  const head = `  ${padTo(painted(table.verdict, style), 13)}${padTo(table.table, column)}`
  const rows = [
    count(table.rows, 'row'),
    ...(table.coverage === 1 ? [] : [`${percent(table.coverage)} looked at`]),
    ...(table.unsettled === 0 ? [] : [`${count(table.unsettled, 'row')} changed too fast`]),
    ...(table.healed === 0 ? [] : [`${count(table.healed, 'row')} came right while looked at`]),
    ...(table.verdict === 'divergent' ? [differWords(table)] : []),
  ]
  const told = [table.detail, table.verdict === 'consistent' ? null : table.remedy].filter((words) => words !== null)
  const shown = table.differing.slice(0, limits.examples.default)
  const more = table.differing.length - shown.length
  return [
    `${head}${rows.join(', ')}`,
    ...told.flatMap((words) => wrap(`      ${words}`, width, '      ')),
    ...shown.flatMap((row) => rowLines(row, { left, right }, style, width)),
    ...(more > 0 ? [`      and ${count(more, 'row')} more`] : []),
  ]
}

const differWords = ({ differing, more }: TableReport): string =>
  differing.length === 0
    ? 'differs as a whole'
    : `${count(differing.length, 'row')}${more ? ' and more' : ''} differ${differing.length === 1 && !more ? 's' : ''}`

const kinds: Readonly<Record<DifferingRow['kind'], (left: string, right: string) => string>> = {
  missing: (left, right) => `only ${left} has it; ${right} lacks it`,
  extra: (left, right) => `only ${right} has it; ${left} does not`,
  changed: (left, right) => `${left} and ${right} hold different values`,
}

function rowLines(
  row: DifferingRow,
  { left, right }: { readonly left: string; readonly right: string },
  style: Style,
  width: number,
): readonly string[] {
  const columns = row.columns.length === 0 ? '' : ` in ${row.columns.join(', ')}`
  const key = row.key.length === 0 ? row.kind : `${row.kind} ${row.key.join(', ')}`
  const names = Math.max(widthOf(left), widthOf(right)) + 2
  const image = (node: string, values: RowImage | null | undefined): readonly string[] =>
    values == null ? [] : [cutTo(`        ${style.faint(padTo(node, names))}${imageWords(values, row.columns)}`, width)]
  return [
    `      ${style.strong(key)}: ${kinds[row.kind](left, right)}${columns}`,
    ...image(left, row.left),
    ...image(right, row.right),
  ]
}

/** Of a changed row the columns that differ; of others the whole row. */
const imageWords = (image: RowImage, columns: readonly string[]): string =>
  Object.entries(image)
    .filter(([name]) => columns.length === 0 || columns.includes(name))
    .map(([name, value]) => `${name} ${value === null ? 'null' : `'${value}'`}`)
    .join(', ')

/** What to type next: words are wrapped, commands are not, so that they can be copied. */
function nextLines({ pairs, verdict }: VerifyReport, style: Style, width: number): readonly string[] {
  if (verdict === 'consistent') return []
  const differ = pairs.filter(({ tables }) => tables.some((table) => table.verdict === 'divergent'))
  const command = (text: string): string => `  ${style.name(text)}`
  return [
    '',
    ...differ.flatMap(({ left, right, follows }) =>
      follows === 'physical'
        ? wrap(
            `${right} is a physical copy, and its rows are never written: clone it anew from ${left}. Look first whether it is ${left} that is damaged.`,
            width,
          )
        : [
            ...wrap(`Find out which of ${left} and ${right} is right. To give ${right} the rows of ${left}:`, width),
            command(`antemortem verify --repair plan --to ${right}`),
            // Two nodes that follow each other are two pairs, and each tells its own direction.
            ...(follows === 'declared' || differ.some((other) => other.left === right && other.right === left)
              ? []
              : ['The other way round:', command(`antemortem verify --repair plan --to ${left} --from ${right}`)]),
          ],
    ),
    'To look again at only what was not consistent:',
    command('antemortem verify --format json > report.json'),
    command('antemortem verify --recheck report.json'),
  ]
}

/** One line for a terminal. */
export function progressText(cluster: string, tally: Tally & { readonly now: string }): string {
  const { share, rowsPerSecond, leftMs } = rateOf(tally)
  const left = leftMs === null ? '' : `, ${duration(leftMs)} left`
  return `${cluster}: ${percent(share)}  ${count(tally.rowsDone, 'row')}, ${count(Math.round(rowsPerSecond), 'row')}/s${left}  ${tally.now}`
}
