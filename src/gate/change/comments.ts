import { AntemortemError } from '../../core/error.ts'

/** `-- antemortem:on NODE[, NODE…]`: where the statements from here on run. */
export interface Section {
  /** Byte offset: it is for what begins behind it. */
  readonly at: number
  readonly words: readonly string[]
  readonly line: number
}

/** `-- antemortem-ignore RULE: reason until YYYY-MM-DD`, before the statement that it is for. */
export interface Ignore {
  readonly at: number
  readonly rule: string
  readonly reason: string
  /** The last day on which it holds. */
  readonly until: string
  readonly line: number
}

export interface Comment {
  readonly at: number
  readonly line: number
  readonly text: string
}

const ignorePattern = /^--\s*antemortem-ignore\s+([a-z0-9/-]+)\s*:\s*(\S.*?)\s+until\s+(\d{4}-\d{2}-\d{2})\s*$/

/** What the comments of a file say to us. One that means us and cannot be read is an error, never silence. */
export function readComments(
  file: string,
  comments: readonly Comment[],
): { sections: readonly Section[]; ignores: readonly Ignore[] } {
  const sections: Section[] = []
  const ignores: Ignore[] = []
  for (const { at, line, text } of comments) {
    if (!/^--\s*antemortem\b/.test(text)) continue
    const words = /^--\s*antemortem:on\s+(\S.*)$/.exec(text)?.[1]
    const ignore = ignorePattern.exec(text)
    const [, rule, reason, until] = ignore ?? []
    if (words !== undefined) sections.push({ at, line, words: words.split(',').map((word) => word.trim()) })
    else if (rule !== undefined && reason !== undefined && until !== undefined && isDay(until))
      ignores.push({ at, line, rule, reason, until })
    else
      throw new AntemortemError(
        'change-comment',
        `${file}:${line}: cannot read "${text.trim()}"`,
        'Write "-- antemortem:on NODE[, NODE…]" or "-- antemortem-ignore RULE: reason until YYYY-MM-DD".',
        { exit: 2 },
      )
  }
  return { sections, ignores }
}

const isDay = (day: string): boolean =>
  !Number.isNaN(Date.parse(day)) && new Date(Date.parse(day)).toISOString().startsWith(day)
