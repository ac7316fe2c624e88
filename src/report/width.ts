import { stripVTControlCharacters } from 'node:util'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** East Asian wide and full-width ranges (UAX #11), as terminals draw them in two cells. */
const wide =
  /^[\u1100-\u115f\u231a-\u231b\u2329-\u232a\u23e9-\u23ec\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{1fa70}-\u{1faff}\u{20000}-\u{3fffd}]/u
const drawnWide = /^\p{Emoji_Presentation}|\ufe0f/u
const invisible = /^[\p{Cc}\p{Cf}\p{Mn}\p{Me}]+$/u
const plainAscii = /^[\x20-\x7e]*$/

/** Cells of one character as a person sees it. */
export function cellsOf(grapheme: string): number {
  if (invisible.test(grapheme)) return 0
  return wide.test(grapheme) || drawnWide.test(grapheme) ? 2 : 1
}

/** Cells that a terminal needs for a text; colours need none. */
export function widthOf(text: string): number {
  if (plainAscii.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) width += cellsOf(segment)
  return width
}

/** Fills up with spaces to a width; a longer text stays as it is. */
export const padTo = (text: string, width: number, side: 'left' | 'right' = 'left'): string => {
  const gap = ' '.repeat(Math.max(0, width - widthOf(text)))
  return side === 'left' ? text + gap : gap + text
}

/** A piece of a text that is drawn, or a sequence that only colours. */
export interface Piece {
  readonly text: string
  readonly cells: number
  readonly isStyle: boolean
}

// oxlint-disable-next-line no-control-regex -- the escape character is what is looked for
const styleSequence = /(\x1b\[[0-9;]*m)/

export const piecesOf = (text: string): readonly Piece[] =>
  text.split(styleSequence).flatMap((part, n): Piece[] =>
    n % 2 === 1
      ? [{ text: part, cells: 0, isStyle: true }]
      : [...graphemes.segment(part)].map(({ segment }) => ({
          text: segment,
          cells: cellsOf(segment),
          isStyle: false,
        })),
  )

/** Shortens to a width, with … where something is missing; colours that were opened are closed. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  if (width <= 0) return ''
  let cut = ''
  let used = 0
  let isStyled = false
  for (const { text: part, cells, isStyle } of piecesOf(text)) {
    if (isStyle) isStyled = true
    else if (used + cells > width - 1) break
    used += cells
    cut += part
  }
  return `${cut}…${isStyled ? '\u001b[0m' : ''}`
}
