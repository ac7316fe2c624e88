import type { Note } from './postmortem.ts'

/** A line of the document without its Markdown. */
export interface Line {
  /** 1-based, in the file. */
  readonly line: number
  readonly kind: 'heading' | 'item' | 'text'
  /** 1 to 6 for a heading, 7 for everything below. */
  readonly depth: number
  readonly text: string
  /** Plain text right under the line before it: Markdown would make one paragraph of them. */
  readonly continues: boolean
}

/** Longer lines are no prose; what lies behind is not looked at, and a note says so. */
const lineLimit = 2_000
/** `> - > - …`: deeper nesting is read as text. */
const markerLimit = 20

/**
 * The document as lines. A reader of our own instead of a Markdown parser: only lines matter here, it never looks back, and
 * the parser that we tried needs a minute for 200 kB of lists in lists.
 */
export function linesOf(text: string): { lines: readonly Line[]; notes: readonly Note[] } {
  const lines: Line[] = []
  const notes: Note[] = []
  let fence: string | null = null
  let comment = false
  let blank = true
  for (const [index, source] of text.split(/\r\n|\n|\r/).entries()) {
    const line = index + 1
    if (source.length > lineLimit)
      notes.push({
        line,
        message: `the line is ${source.length} characters long; only the first ${lineLimit} were read`,
      })
    const raw = source.slice(0, lineLimit)
    const mark = /^ {0,3}(```|~~~)/.exec(raw)?.[1]
    if (fence !== null || mark) {
      fence = fence === null ? (mark ?? null) : mark === fence ? null : fence
      blank = true
      continue
    }
    const shown = withoutComments(raw, comment)
    comment = shown.open
    const kind = markersOf(shown.text)
    const words = plain(kind.text)
    const last = lines.at(-1)
    if (/^(=+|-+)$/.test(words) && last?.kind === 'text' && !blank) {
      lines[lines.length - 1] = { ...last, kind: 'heading', depth: words.startsWith('=') ? 1 : 2 }
      blank = true
    } else if (/\p{L}|\d/u.test(words)) {
      lines.push({ line, kind: kind.kind, depth: kind.depth, text: words, continues: !blank && kind.kind === 'text' })
      blank = kind.kind === 'heading'
    } else blank = true
  }
  return { lines, notes }
}

/** HTML is text to us, and comments are nothing: they hold our own markers. */
function withoutComments(raw: string, open: boolean): { text: string; open: boolean } {
  let text = ''
  let at = 0
  let inside = open
  while (at < raw.length) {
    const next = raw.indexOf(inside ? '-->' : '<!--', at)
    const until = next < 0 ? raw.length : next
    if (!inside) text += raw.slice(at, until)
    if (next < 0) break
    at = next + (inside ? 3 : 4)
    inside = !inside
  }
  return { text, open: inside }
}

/** What the marks before the words say: quotes, list marks, a task's box, a heading. */
function markersOf(text: string): { kind: Line['kind']; depth: number; text: string } {
  let rest = text.trim()
  let kind: Line['kind'] = 'text'
  for (let marks = 0; marks < markerLimit; marks += 1) {
    const mark = /^(?:>\s?|([-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?)/.exec(rest)
    if (!mark) break
    if (mark[1]) kind = 'item'
    rest = rest.slice(mark[0].length)
  }
  const heading = /^(#{1,6})(?:\s+|$)/.exec(rest)
  if (!heading?.[1]) return { kind, depth: 7, text: rest }
  return { kind: 'heading', depth: heading[1].length, text: rest.slice(heading[0].length).replace(/\s#+\s*$/, '') }
}

/** Emphasis, code marks, links and the bars of a table are not part of the words. */
function plain(text: string): string {
  return text
    .replace(/\*\*|__|`/g, '')
    .replace(/!?\[([^[\]]{0,300})\]\([^()\s]{0,500}\)/g, '$1')
    .replace(/^\||\|$/g, '')
    .replace(/^[\s*_]+|[\s*_]+$/g, '')
}
