const pair = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/gy

/** libpq's keyword form: `host=db1 password='it\'s secret'`. Also the body of a `primary_conninfo`. */
export function readKeywords(text: string, invalid: (what: string, hint: string) => Error): Map<string, string> {
  const fields = new Map<string, string>()
  pair.lastIndex = 0
  let end = 0
  for (let match = pair.exec(text); match; match = pair.exec(text)) {
    end = pair.lastIndex
    const value = (match[2] ?? match[3] ?? '').replace(/\\(.)/gs, '$1')
    if (match[1] !== undefined && value !== '') fields.set(match[1], value)
  }
  if (text.slice(end).trim() !== '' || fields.size === 0)
    throw invalid(
      'is neither a URL nor keyword=value pairs',
      'write postgres://USER@HOST:PORT/DATABASE or host=… port=… dbname=… user=…',
    )
  return fields
}
