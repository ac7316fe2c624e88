import type { Limit } from '../core/check.ts'

const inMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 }
const inBytes: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1_024,
  mb: 1_048_576,
  gb: 1_073_741_824,
  tb: 1_099_511_627_776,
}

/** What a limit's unit looks like in the file, for messages. */
export const examples: Readonly<Record<Limit['unit'], string>> = {
  ms: 'a duration such as 500ms, 5s, 2m, or milliseconds as a number',
  bytes: 'a size such as 64MB, or bytes as a number',
  count: 'a whole number',
  share: 'a share such as 0.1 or 10%',
}

/** A number in the limit's own unit, or null where the text means none. PostgreSQL's units: a kB has 1,024 bytes. */
export function readQuantity(value: string | number, unit: Limit['unit']): number | null {
  const parts = /^\s*(\d{1,15}(?:\.\d{1,9})?)\s*([a-z%]*)\s*$/i.exec(
    typeof value === 'number' ? plainNumber(value) : value,
  )
  if (!parts?.[1]) return null
  const number = Number(parts[1])
  const suffix = (parts[2] ?? '').toLowerCase()
  return readers[unit](number, suffix)
}

type Reader = (number: number, suffix: string) => number | null

const readers: Readonly<Record<Limit['unit'], Reader>> = {
  ms: (number, suffix) => scaled(number, suffix, inMs),
  bytes: (number, suffix) => scaled(number, suffix, inBytes),
  count: (number, suffix) => (suffix === '' && Number.isInteger(number) ? number : null),
  share: (number, suffix) => {
    const share = suffix === '%' ? number / 100 : suffix === '' ? number : Number.NaN
    return share >= 0 && share <= 1 ? share : null
  },
}

function scaled(number: number, suffix: string, units: Readonly<Record<string, number>>): number | null {
  const factor = suffix === '' ? 1 : Object.hasOwn(units, suffix) ? units[suffix] : undefined
  return factor === undefined ? null : Math.round(number * factor)
}

const plainNumber = (value: number): string => (Number.isFinite(value) ? String(value) : '')
