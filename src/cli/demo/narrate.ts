import type { Event } from '../../core/event.ts'
import { causes } from '../../diagnosis/causes.generated.ts'
import { belonging } from '../../drills/judge.ts'
import type { DrillNews } from '../../drills/run.ts'
import type { Style } from '../../report/style.ts'
import { clearedBy } from './cleared.ts'
import type { Stage } from './stage.ts'
import { withoutLab } from './without-lab.ts'

/** Turns what happens in the drill into lines of the right column. */
export function narrator(
  stage: Stage,
  { style, clock, happens }: { readonly style: Style; readonly clock: () => number; readonly happens: string },
): (news: DrillNews) => void {
  const events: Event[] = []
  const held: Event[] = []
  let isNoticed = false
  let identified = ''
  return (news) => {
    switch (news.type) {
      case 'phase':
        if (news.phase === 'trigger') {
          stage.begin(clock())
          events.length = 0
          stage.now([happens], clock())
        } else if (news.phase === 'mend')
          stage.now([style.strong('mending by a plan, step by step, each journalled')], clock())
        else if (news.phase !== 'over') stage.now([style.faint(news.words)])
        return
      case 'harm':
        stage.now([`${style.bad('first failed login')} on ${news.node}: ${news.code}`], news.atMs)
        return
      case 'step':
        stage.now([`${style.good('✓')} ${news.words}`], clock())
        return
      case 'event': {
        events.push(news.event)
        // Suspects are cleared before the diagnosis tells what of all that has opened belongs to this outage.
        if (!isNoticed && news.event.type === 'suspect.ruled-out') {
          held.push(news.event)
          return
        }
        if (!isNoticed && news.event.type === 'diagnosis.finished') {
          const [noticed] = belonging(events, news.event.diagnosis)
          if (!noticed) return
          isNoticed = true
          stage.now([`${style.warning('noticed')}  ${noticed.finding.message}`], noticed.atMs)
          for (const event of held) for (const words of eventLines(event, style)) stage.now(words, event.atMs)
        }
        const named = news.event.type === 'cause.identified' ? firstCause(news.event) : null
        if (named !== null && named === identified) return
        if (named !== null) identified = named
        for (const words of eventLines(news.event, style)) stage.now(words.map(withoutLab), news.event.atMs)
      }
    }
  }
}

const firstCause = ({ diagnosis }: Extract<Event, { readonly type: 'cause.identified' }>): string =>
  `${diagnosis.causes[0]?.id ?? ''} ${diagnosis.causes[0]?.subject ?? ''}`

/** As a person calls it. */
export const titleOf = (cause: string): string => causes.find(({ id }) => id === cause)?.title ?? cause

function eventLines(event: Event, style: Style): readonly (readonly string[])[] {
  switch (event.type) {
    case 'suspect.ruled-out':
      return [[style.good(`not ${clearedBy({ ...event, id: event.suspect })}`)]]
    case 'cause.identified': {
      const [cause] = event.diagnosis.causes
      if (!cause) return []
      const trigger = event.diagnosis.changes.find(({ id }) => id === cause.trigger)
      return [
        [
          `${style.bad(cause.verdict)}  ${style.strong(titleOf(cause.id))}`,
          style.name(cause.subject),
          ...(trigger ? [style.faint(`set off by the change of ${trigger.object}`)] : []),
        ],
      ]
    }
    case 'service.restored':
      return [[style.good('restored: every login works again')]]
    default:
      return []
  }
}
