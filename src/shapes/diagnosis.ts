import { z } from 'zod'
import type { DiagnosedCause, Diagnosis, MeasuredSuspect } from '../core/diagnosis.ts'
import { changeJson, changeShape } from './change.ts'
import { uncheckedJson, uncheckedShape } from './finding.ts'
import { list, scalar, scalars, time, timeOf } from './scalar.ts'

const evidenceShape = z.object({
  words: z.string(),
  node: z.string().nullable(),
  source: z.string(),
  values: scalars,
})

export const remedyShape = z.object({
  words: z.string(),
  commands: list(z.string()),
  plan: z.object({ kind: z.string(), facts: z.record(z.string(), scalar).readonly() }).exactOptional(),
})

export const diagnosedCauseShape = z.object({
  id: z.string(),
  subject: z.string(),
  verdict: z.enum(['confirmed', 'probable', 'possible', 'ruled-out', 'not-tested']),
  evidence: list(evidenceShape),
  explains: list(z.string()),
  follows: z.string().exactOptional(),
  trigger: z.string().exactOptional(),
  triggers: list(z.string()).exactOptional(),
  missing: z.string().exactOptional(),
  remedy: remedyShape,
})

export const suspectShape = z.object({
  id: z.enum(['network', 'load', 'server-down', 'deployment', 'application-code']),
  verdict: z.enum(['ruled-out', 'implicated', 'not-tested']),
  measured: z.number().nullable(),
  limit: z.number().nullable(),
  unit: z.string().nullable(),
  why: z.string().exactOptional(),
})

export const diagnosisShape = z.object({
  at: time,
  cluster: z.string(),
  verdict: z.enum(['confirmed', 'probable', 'unknown', 'healthy']),
  causes: list(diagnosedCauseShape),
  effects: list(z.string()),
  amplifiers: list(z.string()),
  suspects: list(suspectShape),
  unexplained: list(z.string()),
  next_probe: z.string().exactOptional(),
  bundle: z.string().exactOptional(),
  not_seen: list(uncheckedShape).exactOptional(),
  changes: list(changeShape),
})

export const suspectJson = (suspect: MeasuredSuspect) =>
  ({
    id: suspect.id,
    verdict: suspect.verdict,
    measured: suspect.measured,
    limit: suspect.limit,
    unit: suspect.unit,
    why: suspect.why,
  }) satisfies z.output<typeof suspectShape>

/** Core's cause has the outward names already; it is listed field by field, so that a new field never leaves unseen. */
function causeJson(cause: DiagnosedCause) {
  const { id, subject, verdict, evidence, explains, follows, trigger, triggers, missing, remedy } = cause
  return {
    id,
    subject,
    verdict,
    evidence,
    explains,
    ...(follows === undefined ? {} : { follows }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(triggers === undefined ? {} : { triggers }),
    ...(missing === undefined ? {} : { missing }),
    remedy,
  } satisfies z.output<typeof diagnosedCauseShape>
}

/** `bundle`: where the bundle of this diagnosis was written. */
export function diagnosisJson(diagnosis: Diagnosis, bundle?: string) {
  return {
    at: timeOf(diagnosis.atMs),
    cluster: diagnosis.cluster,
    verdict: diagnosis.verdict,
    causes: diagnosis.causes.map(causeJson),
    effects: diagnosis.effects,
    amplifiers: diagnosis.amplifiers,
    suspects: diagnosis.suspects.map(suspectJson),
    unexplained: diagnosis.unexplained,
    ...(diagnosis.next_probe === undefined ? {} : { next_probe: diagnosis.next_probe }),
    ...(bundle === undefined ? {} : { bundle }),
    ...(diagnosis.not_seen === undefined ? {} : { not_seen: diagnosis.not_seen.map(uncheckedJson) }),
    changes: diagnosis.changes.map(changeJson),
  } satisfies z.output<typeof diagnosisShape>
}
