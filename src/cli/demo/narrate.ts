import type { Event } from '../../core/event.ts'
import { causes } from '../../diagnosis/causes.generated.ts'
import type { DrillNews } from '../../drills/run.ts'
import type { Style } from '../../report/style.ts'
import type { Stage } from './stage.ts'

const cleared: Readonly<Record<string, (measured: number, limit: number) => string>> = {
  network: (ms, limit) => `not the network: ${ms} ms, and ${limit} would be slow`,
  load: (active, limit) => `not the load: ${active} active sessions, usual are up to ${limit}`,
  'server-down': (seconds) => `not a dead server: longest silence ${seconds} s`,
  deployment: (share) => `not the deployment: ${share * 100} % fail on the other nodes`,
  'application-code': (nodes) => `not the application: asked without it, ${nodes} node answers wrong`,
}

/** Turns what happens in the drill into lines of the right column. */
export function narrator(stage: Stage, style: Style, clock: () => number): (news: DrillNews) => void {
  let hurts = false
  let identified = false
  return (news) => {
    switch (news.type) {
      case 'phase':
        if (news.phase === 'trigger') {
          stage.begin(clock())
          stage.now(['a migration makes a table on two nodes and fills it'], clock())
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
      case 'event':
        if (news.event.type === 'finding.opened' && !hurts && news.event.incident !== undefined) {
          hurts = true
          stage.now([`${style.warning('noticed')}  ${news.event.finding.message}`], news.event.atMs)
          return
        }
        if (news.event.type === 'cause.identified' && identified) return
        if (news.event.type === 'cause.identified') identified = true
        for (const words of eventLines(news.event, style)) stage.now(words, news.event.atMs)
    }
  }
}

function eventLines(event: Event, style: Style): readonly (readonly string[])[] {
  switch (event.type) {
    case 'suspect.ruled-out':
      return [
        [
          style.good(
            cleared[event.suspect]?.(event.measured, event.limit) ??
              `not ${event.suspect}: ${event.measured} ${event.unit}`,
          ),
        ],
      ]
    case 'cause.identified': {
      const [cause] = event.diagnosis.causes
      if (!cause) return []
      const title = causes.find(({ id }) => id === cause.id)?.title ?? cause.id
      const trigger = event.diagnosis.changes.find(({ id }) => id === cause.trigger)
      return [
        [
          `${style.bad(cause.verdict)}  ${style.strong(title)}`,
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
