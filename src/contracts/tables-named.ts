const token = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"((?:[^"]|"")+)"|([a-z_][\w$]*)|([.,()])/gi

interface Word {
  readonly text: string
  readonly kind: 'quoted' | 'word' | 'sign'
}

/** Ends a list of tables; an alias never is one of these. */
const clauses = new Set(
  'where group order having limit offset union except intersect window fetch for on using select join'.split(' '),
)

/**
 * Tables that a statement names after `from` and `join`, as `schema.table` where it says so. Functions and the names of its own
 * `with` queries are none. A reading of words, not of SQL: it decides what a canary's failure is about, never what is run.
 */
export function tablesNamed(sql: string): readonly string[] {
  const words = [...sql.matchAll(token)].flatMap(([all, quoted, word, sign]): Word[] => {
    if (quoted !== undefined) return [{ text: quoted.replaceAll('""', '"'), kind: 'quoted' }]
    if (word !== undefined) return [{ text: word.toLowerCase(), kind: 'word' }]
    return sign === undefined ? [] : [{ text: all, kind: 'sign' }]
  })
  const is = (at: number, text: string): boolean => words[at]?.text === text && words[at].kind !== 'quoted'
  const isName = (at: number): boolean => words[at] !== undefined && words[at].kind !== 'sign'
  const own = new Set(
    words.flatMap(({ text }, at) => (isName(at) && is(at + 1, 'as') && asOpens(at + 2) ? [text] : [])),
  )
  const found: string[] = []

  function asOpens(at: number): boolean {
    const next = is(at, 'not') ? at + 2 : is(at, 'materialized') ? at + 1 : at
    return is(next, '(')
  }

  /** One table at this place; gives the place behind it. */
  function take(from: number): number {
    let at = is(from, 'only') || is(from, 'lateral') ? from + 1 : from
    if (!isName(at)) return at
    const parts = [words[at]?.text ?? '']
    for (at += 1; is(at, '.') && isName(at + 1); at += 2) parts.push(words[at + 1]?.text ?? '')
    const name = parts.join('.')
    if (!is(at, '(') && !own.has(name)) found.push(name)
    return at
  }

  for (let at = 0; at < words.length; at += 1) {
    if (!is(at, 'from') && !is(at, 'join')) continue
    let next = take(at + 1)
    for (;;) {
      if (is(next, 'as')) next += 1
      if (isName(next) && !clauses.has(words[next]?.text ?? '')) next += 1
      if (!is(next, ',')) break
      next = take(next + 1)
    }
  }
  return [...new Set(found)]
}
