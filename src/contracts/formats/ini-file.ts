/** `key = value` of an ini file, and where its value stands. */
export interface IniLine {
  readonly section: string
  readonly key: string
  readonly value: string
  readonly line: number
  readonly from: number
  readonly to: number
}

const pair = /^[ \t]*("(?:[^"]|"")+"|[^\s="]+)[ \t]*=[ \t]*(.*?)[ \t]*$/

/** As pgbouncer reads it: a value reaches to the end of its line; comments begin a line, with `;` or `#`. Pure. */
export function readIni(text: string): readonly IniLine[] {
  const found: IniLine[] = []
  let section = ''
  let line = 0
  let offset = 0
  for (const raw of text.split('\n')) {
    line += 1
    const start = offset
    offset += raw.length + 1
    const words = raw.replace(/\r$/, '').replace(/^\ufeff/, '')
    const skipped = raw.startsWith('\ufeff') ? 1 : 0
    const header = /^\s*\[([^\]]*)\]\s*$/.exec(words)?.[1]
    if (header !== undefined) section = header.trim()
    else if (!/^\s*(?:[;#%]|$)/.test(words)) {
      const [, key, value = ''] = pair.exec(words) ?? []
      if (key === undefined) continue
      const tail = words.length - words.trimEnd().length
      const to = start + skipped + words.length - tail
      const name = key.startsWith('"') ? key.slice(1, -1).replaceAll('""', '"') : key
      found.push({ section, key: name, value, line, from: to - value.length, to })
    }
  }
  return found
}
