import type { Digits } from './digits.ts'
import { text } from './mask-text.ts'

/** Every text and number in it, however deep; the names of its fields stay. */
export const maskJson = (value: string, digits: Digits): string => JSON.stringify(masked(JSON.parse(value), digits))

function masked(value: unknown, digits: Digits): unknown {
  if (typeof value === 'string') return text(value, digits)
  if (typeof value === 'number') return Number(text(String(value).replace(/e.*/i, ''), digits))
  if (Array.isArray(value)) return value.map((one: unknown) => masked(one, digits))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, masked(one, digits)]))
}
