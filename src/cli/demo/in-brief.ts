import type { Change } from '../../core/change.ts'
import type { Diagnosis, MeasuredSuspect } from '../../core/diagnosis.ts'
import type { DrillResult } from '../../core/drill.ts'
import type { Event } from '../../core/event.ts'
import { belonging } from '../../drills/judge.ts'
import type { Drill } from '../../drills/scene.ts'
import { duration } from '../../report/duration.ts'
import type { Style } from '../../report/style.ts'
import { table } from '../../report/table.ts'
import { wholeDrill } from '../drilling.ts'
import { clearedBy, suspectName } from './cleared.ts'
import { titleOf } from './narrate.ts'
import type { Story } from './stories.ts'
import type { Telling } from './telling.ts'
import { withoutLab } from './without-lab.ts'

const labelWidth = 9
/** Of a cause; more stands in `antemortem diagnose`. */
const mostEvidence = 3

/** One outage in a dozen lines: what changed, whom it hurt, what it was not, what it was, and what to type. */
export async function tellInBrief(drill: Drill, story: Story, telling: Telling): Promise<DrillResult> {
  const { style, width, signal, progress } = telling
  const row = (label: string, text: string): void => {
    for (const each of table([[`  ${label.padEnd(labelWidth)}`, withoutLab(text)]], { width, gap: 0 }))
      telling.line(each)
  }
  row('then', style.faint(thenText(drill, story)))
  const events: Event[] = []
  const moments: { readonly atMs: number; readonly words: string }[] = []
  let startedMs = 0
  const at = (ms: number): string => `${Math.max(0, (ms - startedMs) / 1000).toFixed(1)} s`
  const { result } = await wholeDrill(drill, telling.seed, {
    signal,
    progress,
    gate: 'until-refused',
    onNews: (news) => {
      if (news.type === 'phase' && news.phase === 'trigger') {
        startedMs = Date.now()
        events.length = 0
        row('now', story.happens)
      } else if (news.type === 'phase') progress(`${drill.id}: ${news.words}`)
      else if (news.type === 'harm')
        moments.push({ atMs: news.atMs, words: `${style.bad('first failed login')} on ${news.node}: ${news.code}` })
      else if (news.type === 'event') events.push(news.event)
    },
  })
  const identified = events.filter((event) => event.type === 'cause.identified')
  const right = identified.find(({ diagnosis }) => isNamed(diagnosis, result))
  const [noticed] = belonging(events, right?.diagnosis ?? null)
  if (noticed) moments.push({ atMs: noticed.atMs, words: `${style.warning('noticed')}  ${noticed.finding.message}` })
  for (const event of identified)
    if (right && event.seq < right.seq)
      moments.push({ atMs: event.atMs, words: style.faint(`first thought: ${thoughtOf(event.diagnosis)}`) })
  for (const { atMs, words } of moments.toSorted((a, b) => a.atMs - b.atMs)) row(at(atMs), words)
  if (!right) row('', style.bad('its cause was not named right in this run'))
  else for (const [label, text] of namedRows(right.diagnosis, at(right.atMs), style)) row(label, text)
  for (const words of gateWords(result, style)) row('gate', words)
  return result
}

/** The same change a second time. */
const gateWords = ({ gate = [] }: DrillResult, style: Style): readonly string[] =>
  gate.map(({ by, rule, object, stopped, isPutBack, ms, why }) =>
    stopped
      ? `${style.good('refused')} by ${by} in ${duration(ms)}: ${rule} ${style.name(object ?? '')}${isPutBack ? '; the file is as it was' : ''}`
      : `${by}: ${style.bad(why ?? 'not refused')}`,
  )

/** What its team went through until the cause had a name. */
function thenText({ course, original: { toCauseMin, totalMin } }: Drill, { when }: Story): string {
  const needed = (minutes: number | null): string =>
    minutes === null ? 'nobody wrote when' : duration(minutes * 60_000)
  const turns = course.filter(({ minute }) => minute > 0 && minute <= (toCauseMin ?? 0))
  return [
    `${when}: ${toCauseMin === null ? 'nobody wrote how it was found' : `named after ${needed(toCauseMin)}`}`,
    ...(totalMin === null ? [] : [`over after ${needed(totalMin)}`]),
    ...turns.map(({ minute, words }) => `${minute} min ${words}`),
  ].join(' · ')
}

const isNamed = ({ causes: [first] }: Diagnosis, { named }: DrillResult): boolean =>
  named.correct && first?.id === named.cause && first?.subject === named.subject

const thoughtOf = ({ causes: [first] }: Diagnosis): string =>
  first ? `${first.verdict} ${first.id}, withdrawn` : 'nothing'

type Row = readonly [label: string, text: string]

function namedRows(diagnosis: Diagnosis, at: string, style: Style): readonly Row[] {
  const { causes, suspects, changes } = diagnosis
  const [cause] = causes
  if (!cause) return []
  const trigger = changes.find(({ id }) => id === cause.trigger)
  // One piece of each source says more than three of one.
  const evidence = cause.evidence.filter(({ source }, n, all) => all.findIndex((each) => each.source === source) === n)
  const cleared = suspects.flatMap(({ id, verdict, measured, limit, unit }) =>
    verdict === 'ruled-out' && measured !== null ? [clearedBy({ id, measured, limit, unit: unit ?? '' })] : [],
  )
  return [
    [at, `${style.bad(cause.verdict)}  ${style.strong(titleOf(cause.id))}`],
    ['', style.name(cause.subject)],
    ...evidence.slice(0, mostEvidence).map(({ words }, n): Row => [n === 0 ? 'because' : '', words]),
    ['set off', trigger ? `by ${changeText(trigger)}` : style.faint('by no change that was seen until then')],
    ...cleared.map((words, n): Row => [n === 0 ? 'not' : '', style.good(words)]),
    ...suspects.filter(({ verdict }) => verdict !== 'ruled-out').map((suspect): Row => opened(suspect, style)),
    ...cause.remedy.commands.slice(0, 1).map((command): Row => ['next', style.name(command)]),
  ]
}

/** A suspect that stays one is told as one. */
const opened = ({ id, verdict, why }: MeasuredSuspect, style: Style): Row => [
  verdict === 'implicated' ? 'but' : 'open',
  `${suspectName(id)}: ${style.faint(why)}`,
]

const changeText = ({ object, before, after }: Change): string =>
  `${object}: ${before === null ? (after ?? '') : `${before} → ${after ?? 'gone'}`}`
