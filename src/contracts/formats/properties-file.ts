/** A property of a Java file, and where its value stands. */
export interface Property {
  readonly key: string
  readonly value: string
  readonly line: number
  readonly from: number
  readonly to: number
}

/** Of a line that goes on: the sign, the end of the line, and the white space of the next one. */
const goesOn = String.raw`\\(?:\r\n|\r|\n)[ \t\f]*`
const blank = /[ \t\f\r\n]*/y
const comment = /[#!][^\r\n]*/y
const key = new RegExp(String.raw`(?:${goesOn}|\\[^\r\n]|[^\\\s=:])*`, 'y')
const sign = new RegExp(String.raw`(?:[ \t\f]|${goesOn})*[=:]?(?:[ \t\f]|${goesOn})*`, 'y')
const value = new RegExp(String.raw`(?:${goesOn}|\\[^\r\n]|[^\\\r\n])*`, 'y')
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' }

const decoded = (text: string): string =>
  text
    .replace(new RegExp(goesOn, 'g'), '')
    .replace(/\\(?:u([0-9a-f]{4})|([\s\S]))/gi, (_, code: string | undefined, letter: string | undefined) =>
      code === undefined ? (escapes[letter ?? ''] ?? letter ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
    )

/** As java.util.Properties reads them; a key that stands twice is here twice, and the last counts. Pure. */
export function readProperties(text: string): readonly Property[] {
  const found: Property[] = []
  let [at, line] = [text.startsWith('\ufeff') ? 1 : 0, 1]
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const taken = pattern.exec(text)?.[0] ?? ''
    at += taken.length
    return taken
  }
  const counted = (taken: string): string => {
    line += taken.match(/\r\n|\r|\n/g)?.length ?? 0
    return taken
  }
  while (at < text.length) {
    counted(take(blank))
    if (take(comment) !== '') continue
    const own = line
    const name = counted(take(key))
    counted(take(sign))
    const from = at
    const raw = counted(take(value))
    // A sign alone at the end of the file.
    if (at === from && name === '' && raw === '') at += 1
    else found.push({ key: decoded(name), value: decoded(raw), line: own, from, to: at })
  }
  return found
}

/** A value as it can stand there, in every encoding that readers take the file for. */
export const propertyValue = (text: string): string =>
  text
    .replace(/^[ =:]|\\/g, String.raw`\$&`)
    .replaceAll('\t', String.raw`\t`)
    // oxlint-disable-next-line no-control-regex -- what is ASCII stays
    .replace(/[^\x00-\x7f]/g, (letter) => String.raw`\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
