import type { FindingBody, IncidentBody } from './event.ts'

/** One line of the timeline for a person. */
export function words(event: IncidentBody | FindingBody): string {
  switch (event.type) {
    case 'finding.opened':
      return `${event.finding.check} ${event.finding.subject}: ${event.finding.message}`
    case 'finding.closed':
      return `${event.finding.check} ${event.finding.subject}: gone`
    case 'incident.opened':
      return event.title
    case 'incident.acknowledged':
      return `acknowledged by ${event.by}`
    case 'incident.escalated':
      return `escalated to ${event.to}`
    case 'incident.merged':
      return `merged into ${event.into}`
    case 'incident.dismissed':
      return `dismissed by ${event.by}: ${event.reason}`
    case 'incident.reopened':
      return `opened again: ${event.reason}`
    case 'diagnosis.started':
      return 'diagnosis began'
    case 'diagnosis.finished':
      return `diagnosis: ${event.diagnosis.verdict}${named(event)}`
    case 'suspect.ruled-out':
      return `not ${event.suspect}: measured ${event.measured} ${event.unit}, limit ${event.limit} ${event.unit}`
    case 'cause.identified':
      return `cause${named(event)}`
    case 'cause.withdrawn':
      return `no longer ${event.cause}: ${event.reason}`
    case 'mitigation.started':
      return `plan ${event.plan} began`
    case 'mitigation.failed':
      return `plan ${event.plan} failed: ${event.reason}`
    case 'service.restored':
      return 'the harm is over'
    case 'symptom.returned':
      return 'the harm is back'
    case 'symptom.confirmed':
      return `a true alarm, says ${event.by}`
    case 'verification.started':
      return 'verification began'
    case 'verification.passed':
      return 'verified'
    case 'verification.failed':
      return `verification failed: ${event.reason}`
    case 'review.started':
      return `review began: ${event.document}`
    case 'review.finished':
      return 'review finished'
    case 'note.added':
      return `${event.by}: ${event.text}`
    // time.corrected: a new event without words does not compile here.
    default:
      return `time of event ${event.event} corrected: ${event.reason}`
  }
}

function named({ diagnosis }: Extract<IncidentBody, { type: 'diagnosis.finished' | 'cause.identified' }>): string {
  const [first] = diagnosis.causes
  return first ? `: ${first.id} on ${first.subject} (${first.verdict})` : ''
}
