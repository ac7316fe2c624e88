import type { Event } from '../../core/event.ts'
import type { Severity } from '../../core/severity.ts'
import type { Style } from '../../report/style.ts'
import { wrap } from '../../report/wrap.ts'
import { diagnosisText, timeOf } from './diagnosis.ts'

const paint = (severity: Severity, style: Style): ((text: string) => string) =>
  severity === 'critical' || severity === 'error' ? style.bad : severity === 'warning' ? style.warning : style.faint

/** One event as lines; a named cause comes with its whole diagnosis. */
export function eventText(event: Event, style: Style, width: number): readonly string[] {
  const line = (text: string): string => `${style.faint(timeOf(event.atMs))}  ${text}`
  switch (event.type) {
    case 'watch.started':
      return [line(style.good(`watching ${event.cluster}: ${event.nodes.join(', ')}`))]
    case 'watch.stopped':
      return [line(`stopped: ${event.reason}`)]
    case 'change.seen':
      return [line(`change    ${event.change.object}: ${event.change.before ?? '–'} → ${event.change.after ?? '–'}`)]
    case 'finding.opened':
      return [
        line(
          `${paint(event.finding.severity, style)(event.finding.severity.padEnd(8))}  ${event.finding.message} ${style.faint(event.finding.check)}`,
        ),
      ]
    case 'finding.closed':
      return [line(`${style.good('over    ')}  ${event.finding.message} ${style.faint(event.finding.check)}`)]
    case 'check.blind':
      return [
        line(
          `${style.warning('not seen')}  ${event.unchecked.node}: ${event.unchecked.detail} ${style.faint(event.unchecked.check)}`,
        ),
        ...wrap(event.unchecked.remedy, width - 24).map((text) => `${' '.repeat(24)}${style.name(text)}`),
      ]
    case 'incident.opened':
      return [line(style.bad(`${event.incident} opened: ${event.title}`))]
    case 'cause.identified':
      return [
        line(`${style.strong('cause')}     named in ${event.incident}`),
        ...diagnosisText(event.diagnosis, style, width - 4).map((text) => `    ${text}`.trimEnd()),
      ]
    case 'cause.withdrawn':
      return [line(`${event.incident}: ${event.cause} is taken back: ${event.reason}`)]
    case 'suspect.ruled-out':
      return [line(`not it    ${event.suspect}: ${event.measured} ${event.unit}, limit ${event.limit}`)]
    case 'service.restored':
      return [line(style.good(`${event.incident}: restored, nothing hurts since ${timeOf(event.sinceMs)}`))]
    case 'diagnosis.finished':
      return event.diagnosis.verdict === 'unknown'
        ? [
            line(`${event.incident}: cause unknown`),
            ...diagnosisText(event.diagnosis, style, width - 4).map((text) => `    ${text}`.trimEnd()),
          ]
        : []
    case 'symptom.returned':
      return [line(style.bad(`${event.incident}: the harm is back`))]
    default:
      return [line(style.faint(event.type))]
  }
}
