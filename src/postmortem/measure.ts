import type { Measure, Note } from './postmortem.ts'
import type { PlacedLine } from './section.ts'

/** The forms of a guard: alone, or with what it names. */
const alone = new Set(['verify', 'gate', 'contract', 'backup', 'prove', 'failover'])
const naming = /^(?:check|gate|contract|verify|backup|failover|drill|docs|training|none):[^\s]+$/

/** Is it in one of the forms that a guard has? Whether it exists is the coverage's question. */
export const isGuard = (text: string): boolean => alone.has(text) || naming.test(text)

/** The measures of a postmortem: its list items, or its lines where it has no list. */
export function measuresOf(lines: readonly PlacedLine[]): { measures: readonly Measure[]; notes: readonly Note[] } {
  const inside = lines.filter(({ section, kind, text }) => section === 'measures' && kind !== 'heading' && text !== '')
  const items = joined(inside).filter(({ text }) => !text.endsWith(':'))
  const listed = items.some(({ kind }) => kind === 'item') ? items.filter(({ kind }) => kind === 'item') : items
  const notes: Note[] = []
  const measures = listed.map(({ line, text }): Measure => {
    const named = [...text.slice(0, 2_000).matchAll(/\bguard:\s*([^\s,;()]+)/g)].flatMap(([, guard]) =>
      guard ? [guard] : [],
    )
    for (const guard of named) if (!isGuard(guard)) notes.push({ line, message: `${guard} is not a form of a guard` })
    return { line, text: withoutFields(text), guards: named.filter(isGuard) }
  })
  return { measures, notes }
}

/** A line under an item, without a mark of its own, belongs to it. */
function joined(lines: readonly PlacedLine[]): readonly PlacedLine[] {
  const result: PlacedLine[] = []
  for (const line of lines) {
    const last = result.at(-1)
    if (line.continues && last?.kind === 'item' && last.text.length < 2_000)
      result[result.length - 1] = { ...last, text: `${last.text} ${line.text}` }
    else result.push(line)
  }
  return result
}

/** The sentence without `(owner: …, guard: …)` behind it and `Task:` before it. */
const withoutFields = (text: string): string =>
  text
    .replace(/\s*\((?=[^()]{0,400}\b(?:guard|owner|due|ticket):)[^()]{0,400}\)\s*$/, '')
    .replace(/^(?:task|todo)\s*:\s*/i, '')
