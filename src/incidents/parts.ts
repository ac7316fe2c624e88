import type { Diagnosis } from '../core/diagnosis.ts'
import type { FindingBody, Placed } from './event.ts'
import type { AttachedFinding, Incident } from './incident.ts'

export const sameFinding = (
  a: Pick<AttachedFinding, 'check' | 'subject'>,
  b: Pick<AttachedFinding, 'check' | 'subject'>,
): boolean => a.check === b.check && a.subject === b.subject

/** A finding that comes back is the one that it was. */
export function attach(incident: Incident, { finding, atMs }: Placed<FindingBody>): Incident {
  const { check, subject } = finding
  const known = incident.findings.some((other) => sameFinding(other, finding))
  const findings: readonly AttachedFinding[] = known
    ? incident.findings.map((other) => (sameFinding(other, finding) ? { ...other, closedMs: null } : other))
    : [...incident.findings, { check, subject, openedMs: atMs, closedMs: null }]
  return { ...incident, findings }
}

export const detach = (incident: Incident, { finding, atMs }: Placed<FindingBody>): Incident => ({
  ...incident,
  findings: incident.findings.map((other) => (sameFinding(other, finding) ? { ...other, closedMs: atMs } : other)),
})

/** Puts the first cause on record. A diagnosis alone only changes the verdict of the cause that stands. */
export function identify(
  incident: Incident,
  { diagnosis, atMs }: { readonly diagnosis: Diagnosis; readonly atMs: number },
  which: 'same cause only' | 'any cause',
): Incident {
  const [first] = diagnosis.causes
  if (!first) return incident
  const { id, subject, verdict } = first
  const { rootCause } = incident
  const stands = rootCause?.id === id && rootCause.subject === subject
  if (which === 'same cause only' && !stands) return incident
  const before = rootCause && !stands ? withdraw(incident, atMs).causes : incident.causes
  // The symptom returned, and so did its cause: it is not named twice.
  const last = before.at(-1)
  const again = last?.id === id && last.subject === subject && last.withdrawnMs === null
  return {
    ...incident,
    rootCause: { id, subject, verdict },
    causes: again
      ? [...before.slice(0, -1), { ...last, verdict }]
      : [...before, { id, subject, verdict, atMs, withdrawnMs: null }],
  }
}

export function withdraw(incident: Incident, atMs: number): Incident {
  const { rootCause: _, ...rest } = incident
  const causes = incident.causes.map((cause) => (cause.withdrawnMs === null ? { ...cause, withdrawnMs: atMs } : cause))
  return { ...rest, causes }
}

export const startOutage = (incident: Incident, fromMs: number): Incident => ({
  ...incident,
  outages: [...incident.outages, { fromMs, toMs: null }],
})

export const endOutage = (incident: Incident, toMs: number): Incident => ({
  ...incident,
  outages: incident.outages.map((outage) => (outage.toMs === null ? { ...outage, toMs } : outage)),
})
