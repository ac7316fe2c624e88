const units: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** `8kB` of pg_settings: pages. */
const baseOf = (unit: string): number => {
  const [, count = '', name = ''] = /^(\d*)(\w+)$/.exec(unit) ?? []
  return Number(count === '' ? 1 : count) * (units[name] ?? 1)
}

/** A value of a setting in bytes, milliseconds or plain; a bare number counts in the setting's own unit. null: none. */
export function quantity(value: string, unit = ''): number | null {
  const [, number, own] = /^\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(value) ?? []
  if (number === undefined || (own !== undefined && own !== '' && units[own] === undefined)) return null
  // -1 and 0 are words of their own: never, none, without limit.
  if (Number(number) <= 0) return Number(number)
  return Number(number) * (own === undefined || own === '' ? baseOf(unit) : (units[own] ?? 1))
}

const words: Readonly<Record<string, boolean>> = {
  on: true,
  true: true,
  yes: true,
  1: true,
  off: false,
  false: false,
  no: false,
  0: false,
}

/** A switch as the server reads it; null: it is none. */
export function flag(value: string): boolean | null {
  const text = value.trim().toLowerCase()
  const exact = words[text]
  if (exact !== undefined) return exact
  // The server takes every beginning that is not both on and off.
  const [match] = Object.keys(words).filter((word) => text.length > 0 && word.startsWith(text) && word.length > 1)
  return match === undefined || text === 'o' ? null : (words[match] ?? null)
}
