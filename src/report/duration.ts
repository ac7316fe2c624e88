const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** A length of time as one says it: `850 ms`, `2.4 s`, `89 min`, `16 h`. Two digits are enough to compare two of them. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '?'
  const size = Math.abs(ms)
  // The bounds lie where the rounded number would read better in the next unit.
  if (size < 999.5) return `${Math.round(ms)} ms`
  if (size < 9.95 * second) return `${(ms / second).toFixed(1)} s`
  if (size < 119.5 * second) return `${Math.round(ms / second)} s`
  if (size < 179.5 * minute) return `${Math.round(ms / minute)} min`
  if (size < 9.95 * hour) return `${(ms / hour).toFixed(1)} h`
  if (size < 47.5 * hour) return `${Math.round(ms / hour)} h`
  return `${Math.round(ms / day)} d`
}
