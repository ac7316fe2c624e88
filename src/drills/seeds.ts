/** More than that is days. */
const most = 10_000

/** `7` or `1..100`, both ends included; null for what is neither. */
export function seedsOf(text: string): readonly number[] | null {
  const found = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text)
  if (!found) return null
  const from = Number(found[1])
  const to = Number(found[2] ?? from)
  return to < from || to - from >= most ? null : Array.from({ length: to - from + 1 }, (_, n) => from + n)
}
