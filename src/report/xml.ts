import { redact } from '../core/redact.ts'

/** Forbidden in XML 1.0, however they are escaped. */
const forbidden =
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
}

/**
 * A text for an attribute or between two tags; what XML cannot hold at all is shown as the mark for it. Secrets are masked here,
 * text by text: a mask over the finished document could take a tag with it.
 */
const escaped = (text: string, also: RegExp): string =>
  redact(text)
    .replace(forbidden, '\ufffd')
    .replace(also, (character) => entities[character] ?? '')

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string | number>>
  readonly content?: string | readonly XmlElement[]
}

/** A whole document, one element a line. */
export const xmlDocument = (root: XmlElement): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${lines(root, '').join('\n')}\n`

function lines({ name, attributes, content }: XmlElement, indent: string): readonly string[] {
  const head = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(String(value), /[&<>"'\n\r\t]/g)}"`)
    .join('')
  if (content === undefined || content.length === 0) return [`${indent}<${name}${head}/>`]
  if (typeof content === 'string') return [`${indent}<${name}${head}>${escaped(content, /[&<>\r]/g)}</${name}>`]
  return [
    `${indent}<${name}${head}>`,
    ...content.flatMap((child) => lines(child, `${indent}  `)),
    `${indent}</${name}>`,
  ]
}
