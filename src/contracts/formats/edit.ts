/** One piece of a text that is written anew; every other byte stays. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** The text with all of them. They do not overlap; of several at one place the first given stands first. */
export function edited(text: string, edits: readonly Edit[]): string {
  const inOrder = edits
    .map((edit, n) => ({ edit, n }))
    .toSorted((a, b) => a.edit.from - b.edit.from || a.n - b.n)
    .map(({ edit }) => edit)
  let at = 0
  const pieces: string[] = []
  for (const { from, to, text: piece } of inOrder) {
    pieces.push(text.slice(at, from), piece)
    at = to
  }
  return [...pieces, text.slice(at)].join('')
}

/** From an offset to its line, counted from 1. */
export function linesOf(text: string): (offset: number) => number {
  const ends = [...text.matchAll(/\r\n?|\n/g)].map((end) => end.index + end[0].length)
  return (offset) => {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    return low + 1
  }
}

/** How the text ends its lines. */
export const lineEndOf = (text: string): string => /\r\n|\n|\r/.exec(text)?.[0] ?? '\n'

/** Takes the whole line away in which the offset stands. */
export function withoutLine(text: string, offset: number): Edit {
  const from = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1
  const end = /\r\n?|\n/.exec(text.slice(offset))
  return { from, to: end === null ? text.length : offset + end.index + end[0].length, text: '' }
}

/** Behind the line in which the offset stands, as a line of its own. */
export function newLine(text: string, offset: number, line: string): Edit {
  const end = /\r\n?|\n/.exec(text.slice(offset))
  const ending = lineEndOf(text)
  if (end === null) return { from: text.length, to: text.length, text: `${text === '' ? '' : ending}${line}${ending}` }
  const at = offset + end.index + end[0].length
  return { from: at, to: at, text: `${line}${ending}` }
}
