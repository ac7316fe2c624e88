/**
 * The known word that a mistyped one most likely means, or null when none is near. Distance as Damerau and Levenshtein count it
 * (a swap of neighbours is one slip), up to a third of the word; of equals the first known wins.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: { readonly word: string; readonly distance: number } | null = null
  for (const candidate of known) {
    const limit = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3))
    const slips = distance(plain(word), plain(candidate))
    if (slips <= limit && (best === null || slips < best.distance)) best = { word: candidate, distance: slips }
  }
  return best?.word ?? null
}

/** `withinMs`, `within-ms` and `within_ms` are one word to a person. */
const plain = (word: string): string => word.toLowerCase().replace(/[_-]/g, '').slice(0, 64)

/** Slips between two words: letters added, left out, changed, or swapped with the neighbour. */
export function distance(left: string, right: string): number {
  const width = right.length + 1
  const rows = new Uint16Array((left.length + 1) * width)
  const at = (i: number, j: number): number => rows[i * width + j] ?? 0
  for (let i = 0; i <= left.length; i += 1)
    for (let j = 0; j <= right.length; j += 1) {
      let slips = i === 0 || j === 0 ? i + j : at(i - 1, j - 1) + (left[i - 1] === right[j - 1] ? 0 : 1)
      if (i > 0) slips = Math.min(slips, at(i - 1, j) + 1)
      if (j > 0) slips = Math.min(slips, at(i, j - 1) + 1)
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1])
        slips = Math.min(slips, at(i - 2, j - 2) + 1)
      rows[i * width + j] = slips
    }
  return at(left.length, right.length)
}
