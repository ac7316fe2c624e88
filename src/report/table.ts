import { padTo, widthOf } from './width.ts'
import { wrap } from './wrap.ts'

export interface TableOptions {
  /** By column; left where it is not said. Numbers belong to the right. */
  readonly align?: readonly ('left' | 'right')[]
  /** Of the terminal; the last column is wrapped to fit. Without it nothing is wrapped. */
  readonly width?: number
  readonly gap?: number
}

/** Rows as lines with aligned columns, without a frame: it must survive being pasted into a mail. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): readonly string[] {
  const gap = ' '.repeat(options.gap ?? 2)
  const count = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, n) => Math.max(0, ...rows.map((row) => widthOf(row[n] ?? ''))))
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + gap.length, 0)
  // Where nothing is left for the last column, a wrapped line is still better than one letter a line.
  const room = options.width === undefined ? Number.MAX_SAFE_INTEGER : Math.max(20, options.width - before)
  return rows.flatMap((row) => {
    const first = row.slice(0, count - 1).map((cell, n) => padTo(cell, widths[n] ?? 0, options.align?.[n]))
    const last = row[count - 1] ?? ''
    const lines =
      options.align?.[count - 1] === 'right' ? [padTo(last, widths[count - 1] ?? 0, 'right')] : wrap(last, room)
    return lines.map((line, n) => {
      const left = n === 0 ? first.join(gap) + (first.length > 0 ? gap : '') : ' '.repeat(before)
      return (left + line).trimEnd()
    })
  })
}
