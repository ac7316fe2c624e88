/** A word of libpq's keyword form, and where its value stands, quotes included. */
export interface ConninfoWord {
  readonly keyword: string
  readonly value: string
  readonly from: number
  readonly to: number
}

const pair = /\s*([a-z_]+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)(?=\s|$)/gsy

/** `host=db1 password='it\'s secret'`, also the body of a `primary_conninfo`; and where what is none of it begins. */
export function readConninfo(text: string): { readonly words: readonly ConninfoWord[]; readonly end: number } {
  const words: ConninfoWord[] = []
  pair.lastIndex = 0
  let end = 0
  for (let match = pair.exec(text); match; match = pair.exec(text)) {
    end = pair.lastIndex
    const [, keyword = '', raw = ''] = match
    const inside = raw.startsWith("'") ? raw.slice(1, -1) : raw
    words.push({ keyword, value: inside.replace(/\\(.)/gs, '$1'), from: end - raw.length, to: end })
  }
  return { words, end }
}

/** A value as it can stand there. */
export const conninfoValue = (value: string): string =>
  /^[\w./:@%+,-]+$/.test(value) ? value : `'${value.replace(/[\\']/g, String.raw`\$&`)}'`
