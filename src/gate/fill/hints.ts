/** What a condition says about the values of one column, where it is simple enough to tell. */
export interface Hints {
  /** It must be one of these. */
  readonly oneOf: readonly string[]
  /** The bound below; also that of a partition. */
  readonly atLeast: string | null
}

const literal = String.raw`(?:'((?:[^']|'')*)'|\(?(-?\d+(?:\.\d+)?)\)?)`

const escaped = (text: string): string => text.replaceAll(/[^\w]/g, String.raw`\$&`)

/**
 * Reads conditions as the server prints them: `((status)::text = ANY (ARRAY['a'::text, 'b'::text]))`, `(amount >= (0)::numeric)`,
 * `(at >= '2026-01-01'::date)`. What it does not understand it leaves: then the row is refused, and the next kind is tried.
 */
export function hintsFor(column: string, checks: readonly { readonly text: string }[]): Hints {
  const name = String.raw`(?<![\w"])(?:\(?"?${escaped(column)}"?\)?|\(?VALUE\)?)(?:::[a-z ]+)?`
  const oneOf: string[] = []
  let atLeast: string | null = null
  for (const { text } of checks) {
    const any = new RegExp(String.raw`${name} = ANY \(+ARRAY\[(.*?)\]`, 'i').exec(text)?.[1]
    if (any !== undefined) oneOf.push(...literalsIn(any))
    const equal = new RegExp(String.raw`${name} = ${literal}`, 'gi')
    for (const match of text.matchAll(equal)) oneOf.push(unquoted(match[1] ?? match[2] ?? ''))
    const bound = new RegExp(String.raw`${name} (>=|>) ${literal}`, 'i').exec(text)
    if (bound) atLeast = unquoted(bound[2] ?? bound[3] ?? '')
  }
  return { oneOf, atLeast }
}

const literalsIn = (list: string): readonly string[] =>
  [...list.matchAll(new RegExp(literal, 'g'))].map((match) => unquoted(match[1] ?? match[2] ?? ''))

const unquoted = (text: string): string => text.replaceAll("''", "'")
