import { z } from 'zod'
import type { Event, EventBody } from '../core/event.ts'
import { changeJson, changeShape } from './change.ts'
import { diagnosisJson, diagnosisShape } from './diagnosis.ts'
import { findingJson, findingShape, uncheckedJson, uncheckedShape } from './finding.ts'
import { list, severity, time, timeOf } from './scalar.ts'

const incident = z.string()
const kind = <T extends EventBody['type'], S extends z.core.$ZodShape>(type: T, fields: S) =>
  z.object({ seq: z.number(), at: time, cluster: z.string(), type: z.literal(type), ...fields })

/** One line of `watch --format json`. */
export const eventShape = z.discriminatedUnion('type', [
  kind('watch.started', { nodes: list(z.string()) }),
  kind('watch.stopped', { reason: z.string() }),
  kind('change.seen', { change: changeShape }),
  kind('finding.opened', { finding: findingShape, incident: incident.exactOptional() }),
  kind('finding.closed', { finding: findingShape, incident: incident.exactOptional() }),
  kind('check.blind', { unchecked: uncheckedShape }),
  kind('incident.opened', { incident, title: z.string(), severity, since: time }),
  kind('diagnosis.started', { incident }),
  kind('diagnosis.finished', { incident, diagnosis: diagnosisShape }),
  kind('suspect.ruled-out', {
    incident,
    suspect: z.string(),
    measured: z.number(),
    limit: z.number(),
    unit: z.string(),
  }),
  kind('cause.identified', { incident, diagnosis: diagnosisShape }),
  kind('cause.withdrawn', { incident, cause: z.string(), reason: z.string() }),
  kind('incident.merged', { incident, into: z.string() }),
  kind('mitigation.started', { incident, plan: z.string() }),
  kind('mitigation.failed', { incident, plan: z.string(), reason: z.string() }),
  kind('service.restored', { incident, since: time }),
  kind('verification.started', { incident }),
  kind('verification.passed', { incident }),
  kind('symptom.returned', { incident }),
])

export type EventJson = z.output<typeof eventShape>

export function eventJson(event: Event): EventJson {
  const head = { seq: event.seq, at: timeOf(event.atMs), cluster: event.cluster }
  switch (event.type) {
    case 'change.seen':
      return { ...head, type: event.type, change: changeJson(event.change) }
    case 'finding.opened':
    case 'finding.closed': {
      const of = event.incident === undefined ? {} : { incident: event.incident }
      return { ...head, type: event.type, ...of, finding: findingJson(event.finding) }
    }
    case 'check.blind':
      return { ...head, type: event.type, unchecked: uncheckedJson(event.unchecked) }
    case 'incident.opened': {
      const { incident: id, title, severity: level, sinceMs } = event
      return { ...head, type: event.type, incident: id, title, severity: level, since: timeOf(sinceMs) }
    }
    case 'diagnosis.finished':
    case 'cause.identified':
      return { ...head, type: event.type, incident: event.incident, diagnosis: diagnosisJson(event.diagnosis) }
    case 'service.restored':
      return { ...head, type: event.type, incident: event.incident, since: timeOf(event.sinceMs) }
    default: {
      // The others hold words and numbers only, under their outward names.
      const { atMs: _, ...rest } = event
      return { ...head, ...rest }
    }
  }
}
