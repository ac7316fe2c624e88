/**
 * How much a counter has grown over its earlier values of the same start of the server, oldest first. A value below the one
 * before it is a reset of the statistics: counting begins anew there. null without an earlier value.
 */
export function growthOf(earlier: readonly number[], now: number): number | null {
  const [first] = earlier
  if (first === undefined) return null
  let base = first
  let before = first
  for (const value of [...earlier.slice(1), now]) {
    if (value < before) base = value
    before = value
  }
  return now - base
}
