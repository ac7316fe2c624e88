import { cutTo, padTo } from './width.ts'
import { wrap } from './wrap.ts'

export interface ColumnWidths {
  readonly left: number
  readonly right: number
  readonly gap?: number
  /** Longer lines go on below instead of being cut. */
  readonly wrap?: boolean
}

/** Two texts side by side, line by line: what happened then, and what happens now. */
export function columns(left: readonly string[], right: readonly string[], widths: ColumnWidths): readonly string[] {
  const gap = ' '.repeat(widths.gap ?? 3)
  const fit = (line: string, width: number): readonly string[] =>
    widths.wrap ? wrap(line, width) : [cutTo(line, width)]
  const height = Math.max(left.length, right.length)
  return Array.from({ length: height }, (_, n) => {
    const ours = fit(left[n] ?? '', widths.left)
    const theirs = fit(right[n] ?? '', widths.right)
    return Array.from({ length: Math.max(ours.length, theirs.length) }, (_each, line) =>
      `${padTo(ours[line] ?? '', widths.left)}${gap}${theirs[line] ?? ''}`.trimEnd(),
    )
  }).flat()
}
