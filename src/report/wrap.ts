import { piecesOf, type Piece } from './width.ts'

const reset = '\u001b[0m'

/**
 * Breaks a text at spaces into lines of at most `width` cells; a word that is longer is broken within. A colour that goes over
 * a break is closed before it and opened again after it, so that lines can stand beside other text.
 */
export function wrap(text: string, width: number, indent = ''): readonly string[] {
  const room = Math.max(1, width)
  let open = ''
  return text.split('\n').flatMap((paragraph) =>
    breakLine(piecesOf(paragraph), room).map((line, n) => {
      const before = open
      for (const { text: part } of line.filter(({ isStyle }) => isStyle)) open = closes(part) ? '' : open + part
      const body = before + line.map(({ text: part }) => part).join('') + (open === '' ? '' : reset)
      return n === 0 ? body : indent + body
    }),
  )
}

/** `styleText` closes each of its colours with a code of its own (22, 23, 24, 27, 28, 29, 39, 49). */
const closes = (sequence: string): boolean => /\[(?:0|2[2-9]|39|49)?m$/.test(sequence)

function breakLine(pieces: readonly Piece[], width: number): readonly (readonly Piece[])[] {
  const lines: (readonly Piece[])[] = []
  let line: Piece[] = []
  let used = 0
  for (const word of wordsOf(pieces)) {
    const cells = cellsIn(word)
    if (used > 0 && used + cells > width) {
      lines.push(trimmed(line))
      line = []
      used = 0
      if (isSpace(word)) continue
    }
    for (const piece of word) {
      if (used > 0 && used + piece.cells > width) {
        lines.push(trimmed(line))
        line = []
        used = 0
      }
      line.push(piece)
      used += piece.cells
    }
  }
  lines.push(trimmed(line))
  return lines
}

/** Words and the spaces between them, in turns. */
function wordsOf(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const words: Piece[][] = []
  for (const piece of pieces) {
    const last = words.at(-1)
    const continues = last && (piece.isStyle || isSpace(last) === (piece.text === ' '))
    if (continues) last.push(piece)
    else words.push([piece])
  }
  return words
}

const cellsIn = (pieces: readonly Piece[]): number => pieces.reduce((sum, { cells }) => sum + cells, 0)

const isSpace = (word: readonly Piece[]): boolean =>
  word.some(({ text }) => text === ' ') && word.every(({ text, isStyle }) => isStyle || text === ' ')

/** Without the spaces at its end; a colour among them is kept. */
function trimmed(line: readonly Piece[]): readonly Piece[] {
  const last = line.findLastIndex(({ isStyle, text }) => !isStyle && text !== ' ')
  return line.filter(({ isStyle }, n) => n <= last || isStyle)
}
