const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** A number of bytes as PostgreSQL says it: a kB has 1,024 of them. Two digits are enough to compare two of them. */
export function size(bytes: number): string {
  if (!Number.isFinite(bytes)) return '?'
  let value = Math.abs(bytes)
  let unit = 0
  // The bound lies where the rounded number would read better in the next unit.
  while (value >= 1_023.5 && unit < units.length - 1) {
    value /= 1_024
    unit += 1
  }
  const digits = unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value).toString()
  return `${bytes < 0 ? '-' : ''}${digits} ${units[unit] ?? ''}`
}
