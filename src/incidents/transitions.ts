import type { IncidentBody } from './event.ts'

export const incidentStates = [
  'detected',
  'acknowledged',
  'diagnosing',
  'cause-identified',
  'mitigating',
  'restored',
  'verifying',
  'resolved',
  'reviewing',
  'closed',
  'merged',
  'false-alarm',
] as const
export type IncidentState = (typeof incidentStates)[number]

/** While the harm lasts, as far as anybody has said. */
export const activeStates = ['detected', 'acknowledged', 'diagnosing', 'cause-identified', 'mitigating'] as const

export interface Transition {
  readonly event: IncidentBody['type']
  /** `nothing`: it makes the incident. `any`: allowed in every state. */
  readonly from: readonly IncidentState[] | 'nothing' | 'any'
  /** `cause`: cause-identified where a cause is on record, else diagnosing. */
  readonly to: IncidentState | 'same' | 'cause'
}

const row = (event: Transition['event'], from: Transition['from'], to: Transition['to']): Transition => ({
  event,
  from,
  to,
})

/** The machine, as data. An event may have several rows; their `from` do not overlap. */
export const transitions: readonly Transition[] = [
  row('incident.opened', 'nothing', 'detected'),
  row('incident.acknowledged', ['detected'], 'acknowledged'),
  // The diagnosis starts in the same second: who acknowledges later stops the escalation, and loses no progress.
  row('incident.acknowledged', ['diagnosing', 'cause-identified', 'mitigating'], 'same'),
  row('diagnosis.started', ['detected', 'acknowledged'], 'diagnosing'),
  row('diagnosis.finished', [...activeStates, 'restored', 'verifying'], 'same'),
  row('suspect.ruled-out', ['diagnosing'], 'same'),
  row('incident.escalated', activeStates, 'same'),
  row('cause.identified', ['detected', 'acknowledged', 'diagnosing'], 'cause-identified'),
  row('cause.identified', ['mitigating'], 'same'),
  row('cause.withdrawn', ['cause-identified', 'mitigating', 'restored', 'verifying'], 'diagnosing'),
  row('mitigation.started', ['acknowledged', 'diagnosing', 'cause-identified'], 'mitigating'),
  row('mitigation.failed', ['mitigating'], 'cause'),
  row('service.restored', activeStates, 'restored'),
  row('verification.started', ['restored'], 'verifying'),
  row('verification.passed', ['verifying'], 'resolved'),
  row('verification.failed', ['verifying'], 'diagnosing'),
  row('symptom.returned', ['restored', 'verifying', 'resolved', 'reviewing'], 'diagnosing'),
  row('review.started', ['resolved'], 'reviewing'),
  row('review.finished', ['reviewing'], 'closed'),
  row('incident.reopened', ['closed'], 'diagnosing'),
  row('incident.merged', activeStates, 'merged'),
  row('incident.dismissed', ['detected', 'acknowledged', 'diagnosing'], 'false-alarm'),
  row('symptom.confirmed', ['false-alarm'], 'diagnosing'),
  row('note.added', 'any', 'same'),
  row('time.corrected', 'any', 'same'),
]

/** The row that an event takes from a state; undefined where it is not allowed. `null`: there is no incident yet. */
export const transitionOf = (state: IncidentState | null, event: IncidentBody['type']): Transition | undefined =>
  transitions.find(
    (row) =>
      row.event === event &&
      (state === null
        ? row.from === 'nothing'
        : row.from === 'any' || (row.from !== 'nothing' && row.from.includes(state))),
  )
