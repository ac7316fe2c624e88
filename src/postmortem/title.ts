import type { PlacedLine } from './section.ts'
import { sectionOf } from './section.ts'

/** What every postmortem is called until somebody gives it a name. */
const generic = /^(?:the\s+)?(?:alx\s+)?(?:incident\s+)?(?:post[- ]?mortem|incident report)(?:\s+report)?$/i
const byLine = /^(?:(?:written\s+)?by|authors?|date|name)\b\s*:?/i

/** The name of an outage: its heading, the system that failed and the day, or the name of its file. */
export function titleOf(lines: readonly PlacedLine[], day: string | null, file: string): string {
  return headingOf(lines) ?? systemTitle(lines, day) ?? nameOf(file)
}

function headingOf(lines: readonly PlacedLine[]): string | null {
  for (const [index, line] of lines.entries()) {
    // The heading under `By:` is a person; behind the first part, headings are about parts.
    if (line.section !== 'none' && line.section !== 'other') return null
    const before = lines[index - 1]?.text ?? ''
    const text = line.text.replace(/^title\s*:\s*/i, '').replace(/[\s:]+$/, '')
    const isName = line.kind === 'heading' && !/^by\b\s*:?$/i.test(before) && !byLine.test(text)
    const first = index === 0 && line.kind === 'text' && text.length <= 100 && !/[.!?:]$/.test(line.text)
    if ((isName || first) && text !== '' && !generic.test(text) && sectionOf({ ...line, text })?.section !== 'summary')
      return text.slice(0, 200)
  }
  return null
}

const systemWords = String.raw`(?:system|service|application|app|web ?site|site|platform|database|api|server|portal|store|cluster)`
const stated =
  /\b(?:service|system|component)s? (?:that was )?affected (?:was|were|is) (?:the |our )?([^,.;:()]{3,60})/i
const named = (whose: string): RegExp =>
  new RegExp(String.raw`\b${whose}\s+(?:company's\s+)?((?:[a-z][a-z-]*\s+){0,3}${systemWords})\b`, 'i')
const ours = named('our')
const theirs = named('the')

/** The system that the text says was hit, by its own words. */
export function systemOf(lines: readonly PlacedLine[]): string | null {
  for (const section of ['impact', 'duration', 'summary', 'none'] as const)
    for (const line of lines) {
      if (line.section !== section) continue
      const text = line.text.slice(0, 500)
      const system = stated.exec(text)?.[1] ?? ours.exec(text)?.[1] ?? theirs.exec(text)?.[1]
      if (system) return system.trim()
    }
  return null
}

function systemTitle(lines: readonly PlacedLine[], day: string | null): string | null {
  const system = systemOf(lines)
  return system === null ? null : `Outage of the ${system}${day === null ? '' : `, ${day}`}`
}

/** `docs/0-auth-schema-update.md` → `auth schema update`. */
function nameOf(file: string): string {
  const name = (file.split(/[/\\]/).at(-1) ?? '').replace(/\.[a-z]{1,8}$/i, '').replace(/^\d+-(?=\D)/, '')
  return name.replace(/[-_]+/g, ' ').trim() || 'Outage without a name'
}
