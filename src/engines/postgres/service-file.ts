/** A line `keyword=value` of a pg_service.conf, and where its value stands. */
export interface ServiceLine {
  readonly service: string
  readonly keyword: string
  readonly value: string
  readonly from: number
  readonly to: number
}

/**
 * Every line of a service file, as libpq reads it: what stands behind the `=` counts to the letter but for white space at its end;
 * of a service that stands twice the first section counts, of a keyword its first line. Pure.
 */
export function readServiceFile(text: string): readonly ServiceLine[] {
  const found: ServiceLine[] = []
  const closed = new Set<string>()
  const known = new Set<string>()
  let service: string | null = null
  for (const match of text.matchAll(/[^\r\n]+/g)) {
    const line = match[0]
    const words = line.trim()
    if (words === '' || words.startsWith('#')) continue
    if (words.startsWith('[')) {
      if (service !== null) closed.add(service)
      const name: string | undefined = /^\[(.*)\]$/.exec(words)?.[1]
      service = name === undefined || closed.has(name) ? null : name
      continue
    }
    const mark = line.indexOf('=')
    if (service === null || mark < 0) continue
    const keyword = line.slice(0, mark).trim()
    const value = line.slice(mark + 1).trimEnd()
    // libpq takes no space around the sign; who writes one means none of the value.
    const leading = line[mark - 1] === ' ' ? value.length - value.trimStart().length : 0
    const from = match.index + mark + 1 + leading
    const id = JSON.stringify([service, keyword])
    if (keyword !== '' && !known.has(id))
      found.push({ service, keyword, value: value.slice(leading), from, to: from + value.length - leading })
    known.add(id)
  }
  return found
}
