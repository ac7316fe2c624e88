import { readConninfo } from '../../core/conninfo.ts'

/** libpq's keyword form as fields; an empty value counts as none. */
export function readKeywords(text: string, invalid: (what: string, hint: string) => Error): Map<string, string> {
  const { words, end } = readConninfo(text)
  const fields = new Map(words.filter(({ value }) => value !== '').map(({ keyword, value }) => [keyword, value]))
  if (text.slice(end).trim() !== '' || fields.size === 0)
    throw invalid(
      'is neither a URL nor keyword=value pairs',
      'write postgres://USER@HOST:PORT/DATABASE or host=… port=… dbname=… user=…',
    )
  return fields
}
