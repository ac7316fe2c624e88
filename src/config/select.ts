/** One lexical piece: comments, strings of every form, quoted names, words, and any other character by itself. */
const piece =
  /(--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/|\s+)|([eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\3\$)|([A-Za-z_][\w$]*)|([\s\S])/gy

/**
 * What keeps a text from being one select, or null. It looks at the form alone: that nothing is written is the matter of the
 * read-only transaction in which it runs.
 */
export function notOneSelect(sql: string): string | null {
  let first: string | null = null
  let ended = false
  for (const [, blank, , , word, other] of sql.matchAll(piece)) {
    if (blank !== undefined) continue
    if (ended) return 'holds a second statement; one select is expected'
    if (other === "'" || other === '"') return `has a ${other} that is not closed`
    if (other === ';') ended = true
    else first ??= word?.toLowerCase() ?? other ?? ''
    if (ended && first === null) return 'is no select'
  }
  if (first === null) return 'is empty'
  return first === 'select' || first === 'with'
    ? null
    : 'is no select; a statement that begins with select or with is expected'
}

/** The text without the semicolon at its end, so that it can stand within another statement. */
export function withoutEnd(sql: string): string {
  let at = sql.length
  for (const match of sql.matchAll(piece)) if (match[5] === ';') at = match.index
  return sql.slice(0, at)
}
