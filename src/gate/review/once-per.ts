/** What is reckoned from data that never changes is reckoned once: fifty rules ask the same of a thousand statements. */
export function oncePer<K extends object, V>(reckon: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>()
  return (key) => {
    const before = known.get(key)
    if (before !== undefined) return before.value
    const value = reckon(key)
    known.set(key, { value })
    return value
  }
}
