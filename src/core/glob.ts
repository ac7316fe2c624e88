/** Does a pattern in which `*` stands for anything fit the whole word? */
export function matchesGlob(pattern: string, word: string): boolean {
  const parts = pattern.split('*')
  const [head = '', ...rest] = parts
  if (rest.length === 0) return pattern === word
  if (!word.startsWith(head)) return false
  const tail = rest.pop() ?? ''
  let at = head.length
  for (const part of rest) {
    const found = word.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return word.length - at >= tail.length && word.endsWith(tail)
}
