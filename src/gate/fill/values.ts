import type { FillableColumn } from '../../engines/postgres/ddl/fillable.ts'
import type { Hints } from './hints.ts'

/**
 * `plain`: like any other row · `highest`: the last value that the type takes, the longest text that fits · `lowest`: the
 * first, and NULL where it may be · `other`: plain in another spelling, for conditions that nobody can guess.
 */
export type Style = 'plain' | 'highest' | 'lowest' | 'other'

/** A value as text that the server reads into the column's type; null: NULL. `n` tells the rows of a table apart. */
export function valueOf(column: FillableColumn, style: Style, n: number, hints: Hints): string | null {
  const hinted = fromHints(hints, style, n)
  if (hinted !== null) return hinted
  if (style === 'lowest' && !column.notNull) return null
  if (column.kind === 'e') return column.labels.at(style === 'highest' ? -1 : n % column.labels.length) ?? null
  if (column.kind === 'c') return `(${','.repeat(Math.max(0, column.fields - 1))})`
  // Empty ranges overlap nothing, so that no exclusion constraint stops them.
  if (column.kind === 'r') return 'empty'
  if (column.category === 'A' || column.kind === 'm') return '{}'
  const known = byType[column.type]
  if (known) return known(style, n, column.typmod)
  // citext, ltree and their like take a short word.
  return column.category === 'S' || column.notNull ? `am${n}` : null
}

function fromHints({ oneOf, atLeast }: Hints, style: Style, n: number): string | null {
  if (oneOf.length > 0) return oneOf.at(style === 'highest' ? -1 : n % oneOf.length) ?? null
  if (atLeast === null || style === 'highest') return null
  return /^-?\d+(\.\d+)?$/.test(atLeast) ? String(Number(atLeast) + 1 + n) : atLeast
}

const day = (n: number): string => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10)

type Write = (style: Style, n: number, typmod: number) => string

const integer =
  (max: bigint): Write =>
  (style, n) => {
    if (style === 'highest') return String(max - BigInt(n))
    return style === 'lowest' ? String(-max - 1n + BigInt(n)) : String((1n + BigInt(n)) % max)
  }

/** `numeric(p, s)` keeps both in its modifier, less four: pg_attribute.atttypmod. Scales may be negative since 15. */
const numeric: Write = (style, n, typmod) => {
  if (style === 'plain' || style === 'other') return String(n % 10)
  const sign = style === 'lowest' ? '-' : ''
  if (typmod < 4) return `${sign}${'9'.repeat(30)}.${'9'.repeat(18)}${n}`
  const precision = ((typmod - 4) >> 16) & 0xffff
  const scale = (((typmod - 4) & 0x7ff) ^ 0x400) - 0x400
  if (scale < 0 || scale > precision) return '0'
  const digits = (10n ** BigInt(precision) - 1n - BigInt(n)).toString().padStart(precision, '0')
  return `${sign}${digits.slice(0, precision - scale) || '0'}${scale === 0 ? '' : `.${digits.slice(precision - scale)}`}`
}

/** The longest that fits, in letters of one and two bytes; without a limit long enough to be kept outside the row. */
const characters: Write = (style, n, typmod) => {
  const room = typmod < 4 ? 3000 : typmod - 4
  const end = String(n)
  if (style === 'highest')
    return `${'éa'.repeat(Math.max(0, (room - end.length) / 2))}${end}`.padStart(room, 'é').slice(-room)
  if (style === 'lowest') return `a${end}`.slice(-room)
  return (style === 'other' ? `am${n}@example.com` : `am${n}`).slice(-room)
}

const bits: Write = (style, n, typmod) => {
  const length = typmod < 1 ? 8 : typmod
  return style === 'highest' ? '1'.repeat(length) : (n % 2 ** Math.min(length, 30)).toString(2).padStart(length, '0')
}

const moment =
  (suffix: string): Write =>
  (style, n) => {
    if (style === 'highest' || style === 'lowest') return style === 'highest' ? 'infinity' : '-infinity'
    return `${day(n)}${suffix}`
  }

const float =
  (max: string): Write =>
  (style, n) =>
    style === 'highest' ? max : style === 'lowest' ? `-${max}` : String(n + 0.5)

const same =
  (text: (n: number) => string): Write =>
  (_style, n) =>
    text(n)

const byte = (n: number): string => String(n % 256)
const hex = (n: number, length: number): string => n.toString(16).padStart(length, '0')

const byType: Readonly<Record<string, Write>> = {
  int2: integer(32_767n),
  int4: integer(2_147_483_647n),
  int8: integer(9_223_372_036_854_775_807n),
  oid: same((n) => String(n + 1)),
  numeric,
  money: same((n) => String(n)),
  float4: float('3.4e38'),
  float8: float('1.7976931348623157e308'),
  text: characters,
  varchar: characters,
  bpchar: characters,
  name: same((n) => `am${n}`),
  bool: (style, n) => String(style === 'highest' || (style !== 'lowest' && n % 2 === 0)),
  date: moment(''),
  timestamp: moment(' 12:00:00'),
  timestamptz: moment(' 12:00:00+00'),
  time: (style, n) => (style === 'highest' ? '24:00:00' : `12:00:${hex(n % 10, 2)}`),
  timetz: same((n) => `12:00:0${n % 10}+00`),
  interval: same((n) => `${n} hours`),
  uuid: (style, n) =>
    `${(style === 'highest' ? 'f' : '0').repeat(8)}-0000-4000-8000-${(style === 'highest' ? 'f' : '0').repeat(4)}${hex(n, 8)}`,
  json: same((n) => `{"antemortem": ${n}}`),
  jsonb: same((n) => `{"antemortem": ${n}}`),
  xml: same((n) => `<antemortem n="${n}"/>`),
  bytea: (style, n) => `\\x${style === 'highest' ? 'ff'.repeat(1000) : ''}${hex(n, 8)}`,
  inet: same((n) => `10.${byte(n >> 16)}.${byte(n >> 8)}.${byte(n)}`),
  cidr: same((n) => `10.${byte(n >> 16)}.${byte(n >> 8)}.${byte(n)}/32`),
  macaddr: same((n) => `02:00:00:${hex((n >> 16) & 255, 2)}:${hex((n >> 8) & 255, 2)}:${hex(n & 255, 2)}`),
  macaddr8: same((n) => `02:00:00:00:00:${hex((n >> 16) & 255, 2)}:${hex((n >> 8) & 255, 2)}:${hex(n & 255, 2)}`),
  bit: bits,
  varbit: bits,
  pg_lsn: same((n) => `0/${hex(n, 1).toUpperCase()}`),
  point: same((n) => `(${n},0)`),
  box: same((n) => `(${n},0),(${n},1)`),
  circle: same((n) => `<(${n},0),1>`),
  line: same((n) => `{1,1,${n}}`),
  lseg: same((n) => `[(${n},0),(${n},1)]`),
  path: same((n) => `[(${n},0),(${n},1)]`),
  polygon: same((n) => `((${n},0),(${n},1),(0,0))`),
  tsvector: same((n) => `'am${n}'`),
  tsquery: same((n) => `'am${n}'`),
  hstore: same((n) => `am=>${n}`),
}
