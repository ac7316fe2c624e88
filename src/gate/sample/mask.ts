import type { FillableColumn } from '../../engines/postgres/ddl/fillable.ts'
import { Digits, type Keyed } from './digits.ts'
import { maskJson } from './mask-json.ts'
import { numbers, text, type Write } from './mask-text.ts'

const tries = 50

/**
 * Gives values that nobody can lead back: of the same type, of the same length, and another one for every other. The same value
 * becomes the same in every column of its kind, so that a row still finds its counterpart.
 */
export class Masker {
  readonly #keyed: Keyed
  readonly #given = new Map<string, Map<string, string>>()
  readonly #taken = new Map<string, Set<string>>()

  constructor(keyed: Keyed) {
    this.#keyed = keyed
  }

  /** null: the type has no value that could stand in its place. */
  mask(column: FillableColumn, value: string): string | null {
    const write = writerOf(column)
    if (write === null) return null
    const kind = kindOf(column)
    const given = this.#given.get(kind) ?? new Map<string, string>()
    const taken = this.#taken.get(kind) ?? new Set<string>()
    this.#given.set(kind, given)
    this.#taken.set(kind, taken)
    const known = given.get(value)
    if (known !== undefined) return known
    let masked = ''
    for (let n = 0; n < tries; n += 1) {
      masked = write(value, new Digits(this.#keyed, `${kind} ${n} ${value}`))
      if (!taken.has(masked)) break
    }
    given.set(value, masked)
    taken.add(masked)
    return masked
  }
}

/** Types between which a foreign key may go share their values. */
const kindOf = ({ type, kind, category }: FillableColumn): string => {
  if (kind === 'e' || type === 'bool') return type
  if (/^int[248]$|^numeric$|^oid$/.test(type)) return 'number'
  return category === 'S' ? 'text' : type
}

function writerOf({ kind, type, category, labels }: FillableColumn): Write | null {
  if (kind === 'e') return (_, digits) => digits.of(labels, labels[0] ?? '')
  if (kind !== 'b') return null
  if (type === 'json' || type === 'jsonb') return maskJson
  if (category === 'S') return text
  return byType[type] ?? null
}

const largest: Readonly<Record<string, string>> = {
  int2: '32767',
  int4: '2147483647',
  int8: '9223372036854775807',
  oid: '4294967295',
}

/** As many digits; the first is no zero, and where there are as many as the type has it does not grow. */
const integer =
  (type: string): Write =>
  (value, digits) => {
    const most = largest[type] ?? ''
    const sign = value.startsWith('-') ? '-' : ''
    const [first = '0', ...rest] = sign === '' ? value : value.slice(1)
    const isLong = rest.length + 1 >= most.length
    const head = first === '0' ? '0' : String(1 + digits.below(isLong ? Math.max(1, Number(most[0]) - 1) : 9))
    // A number of one digit has few others: zero is one of them.
    const only = rest.length === 0 ? String(digits.below(10)) : head
    return `${sign}${only}${rest.map(() => digits.of(numbers, '0')).join('')}`
  }

/** Behind the first digit all are others; sign, point and their places stay. */
const decimal: Write = (value, digits) => {
  let isFirst = true
  return Array.from(value, (sign) => {
    if (!/\d/.test(sign)) return sign
    const next = isFirst && sign !== '0' ? String(1 + digits.below(9)) : isFirst ? sign : digits.of(numbers, '0')
    isFirst = false
    return next
  }).join('')
}

const two = (value: number): string => String(value).padStart(2, '0')

/** Another day of the same year, another time of the day. */
const moment: Write = (value, digits) =>
  value
    .replace(
      /^(\d{4,})-\d\d-\d\d/,
      (_, year: string) => `${year}-${two(1 + digits.below(12))}-${two(1 + digits.below(28))}`,
    )
    .replace(
      /\d\d:\d\d:\d\d(\.\d+)?/,
      (_, rest: string | undefined) =>
        `${two(digits.below(24))}:${two(digits.below(60))}:${two(digits.below(60))}${rest ? `.${text(rest.slice(1), digits)}` : ''}`,
    )

const hexadecimal: Write = (value, digits) => value.replaceAll(/[\da-f]/g, () => digits.of('0123456789abcdef', '0'))

const byType: Readonly<Record<string, Write>> = {
  int2: integer('int2'),
  int4: integer('int4'),
  int8: integer('int8'),
  oid: integer('oid'),
  numeric: decimal,
  float4: decimal,
  float8: decimal,
  money: decimal,
  bool: (_, digits) => String(digits.below(2) === 1),
  date: moment,
  timestamp: moment,
  timestamptz: moment,
  time: moment,
  timetz: moment,
  uuid: hexadecimal,
  bytea: (value, digits) => `\\x${hexadecimal(value.slice(2), digits)}`,
  inet: (_, digits) => `10.${digits.below(256)}.${digits.below(256)}.${digits.below(256)}`,
  cidr: (_, digits) => `10.${digits.below(256)}.${digits.below(256)}.${digits.below(256)}/32`,
  macaddr: (_, digits) => `02:${Array.from({ length: 5 }, () => two(digits.below(100))).join(':')}`,
}
