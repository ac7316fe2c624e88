import type { Scalar } from '../core/json.ts'
import type { JournalEntry, Phase, Plan, Step } from '../core/plan.ts'
import { standing } from '../store/standing.ts'

/** What a terminal can do, as `report/style` gives it. */
export interface PlanStyle {
  strong(text: string): string
  faint(text: string): string
  good(text: string): string
  warning(text: string): string
  bad(text: string): string
  name(text: string): string
}

/** A plan for people: what speaks against it first, then each step with where, how long at most, and its way back. */
export function printPlan(plan: Plan, style: PlanStyle, width: number): readonly string[] {
  const { basis, refusals, steps, notUndone = [] } = plan
  const what = plan.undoes === undefined ? plan.kind : `takes back plan ${plan.undoes}`
  return [
    `${style.strong(`Plan ${plan.id}`)}: ${what}, ${style.name(safe(plan.subject))} in cluster ${safe(plan.cluster)}`,
    ...folded(`made from what was seen at ${timeOf(basis.atMs)}; ${expiry(basis.expiresMs)}`, width, '  '),
    ...section(style.bad('Refused: nothing will be done'), refusals, ({ id, why, evidence }) => [
      ...folded(`${id}: ${why}`, width, '  '),
      ...folded(pairs(evidence), width, '    '),
    ]),
    ...section(style.strong('Steps'), steps, (step) => [
      ...stepLines(step, width),
      ...(plan.undoes === undefined ? wayBack(step, width).map((line) => style.faint(line)) : []),
    ]),
    ...section(style.strong('Without a step back of their own'), notUndone, ({ n, words, why }) =>
      folded(`${n}. ${words}: ${why}`, width, '  ', '     '),
    ),
  ]
}

function stepLines(step: Step, width: number): readonly string[] {
  const where = step.node === null ? '' : `[${step.node}] `
  return folded(`${step.n}. ${where}${step.words} (at most ${step.deadlineMs / 1000} s)`, width, '  ', '     ')
}

const wayBack = ({ undo }: Step, width: number): readonly string[] =>
  folded('none' in undo ? `no undo: ${undo.none}` : `undo: ${undo.step.words}`, width, '     ')

/** What happened, line by line, and how it stands now. */
export function printJournal(
  plan: Plan,
  journal: readonly JournalEntry[],
  style: PlanStyle,
  width: number,
): readonly string[] {
  const words = new Map(plan.steps.map((step) => [step.n, step.words]))
  const lines = journal.flatMap(({ n, phase, atMs, output }, index) => {
    // A step that was begun and ended is one line.
    if (phase === 'begun' && journal[index + 1]?.n === n) return []
    const before = journal[index - 1]
    const took = before?.phase === 'begun' && before.n === n ? ` (${atMs - before.atMs} ms)` : ''
    const label = `${timeOf(atMs)} ${phase.padEnd(7)} `
    const text = `${n}. ${words.get(n) ?? 'no step of this plan'}${took}`
    const [first = '', ...rest] = folded(text, width, ' '.repeat(label.length))
    return [style[tones[phase]](label) + first.trimStart(), ...rest, ...folded(pairs(output), width, '    ')]
  })
  return [...lines, ...folded(`${plan.id}: ${standings[standing(plan, journal)]}`, width, '', '  ')]
}

const standings = {
  planned: 'nothing has been done',
  open: 'begun, and neither finished nor taken back: resume it, or take it back',
  done: 'every step is done',
  undone: 'nothing of it is left but what has no undo',
} as const

const tones = {
  begun: 'faint',
  done: 'good',
  failed: 'bad',
  unknown: 'bad',
  undone: 'warning',
} as const satisfies Record<Phase, keyof PlanStyle>

function section<T>(title: string, items: readonly T[], lines: (item: T) => readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ['', title, ...items.flatMap(lines)]
}

/** An undoing plan holds the last instant of all. */
const expiry = (ms: number): string =>
  ms >= 8_640_000_000_000_000 ? 'it does not expire' : `it is begun before ${timeOf(ms)}, or made again`

const timeOf = (ms: number): string => new Date(ms).toISOString()

const pairs = (values: Readonly<Record<string, Scalar>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} = ${value}`)
    .join(', ')

/** Names come from a server: they may hold what a terminal would obey. */
const safe = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)

/** Broken at spaces; a word that is longer stays whole, because somebody will want to copy it. */
function folded(text: string, width: number, first: string, next = first): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of safe(text).split(' ')) {
    const indent = lines.length === 0 ? first : next
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, (lines.length === 0 ? first : next) + line]
}
