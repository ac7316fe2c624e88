import { z } from 'zod'
import type { Plan } from '../core/plan.ts'
import { list, scalars, time, timeOf } from './scalar.ts'

const undoShape = z.union([
  z.object({
    step: z.object({
      kind: z.string(),
      words: z.string(),
      node: z.string().nullable(),
      input: scalars,
      deadline_ms: z.number(),
    }),
  }),
  z.object({ none: z.string() }),
])

const stepShape = z.object({
  n: z.number(),
  kind: z.string(),
  words: z.string(),
  node: z.string().nullable(),
  input: scalars,
  idempotent: z.enum(['yes', 'check-first']),
  undo: undoShape,
  deadline_ms: z.number(),
})

export const planShape = z.object({
  id: z.string(),
  kind: z.string(),
  subject: z.string(),
  cluster: z.string(),
  basis: z.object({ fingerprint: z.string(), at: time, expires: time }),
  steps: list(stepShape),
  refusals: list(z.object({ id: z.string(), why: z.string(), evidence: scalars })),
})

function stepJson({ deadlineMs, undo, ...step }: Plan['steps'][number]) {
  return { ...step, undo: undoJson(undo), deadline_ms: deadlineMs } satisfies z.output<typeof stepShape>
}

function undoJson(undo: Plan['steps'][number]['undo']): z.output<typeof undoShape> {
  if ('none' in undo) return { none: undo.none }
  const { deadlineMs, ...step } = undo.step
  return { step: { ...step, deadline_ms: deadlineMs } }
}

/** Nothing of the plan is left out: what is printed is what would be carried out. */
export function planJson(plan: Plan) {
  const { id, kind, subject, cluster, basis, steps, refusals } = plan
  return {
    id,
    kind,
    subject,
    cluster,
    basis: { fingerprint: basis.fingerprint, at: timeOf(basis.atMs), expires: timeOf(basis.expiresMs) },
    steps: steps.map(stepJson),
    refusals,
  } satisfies z.output<typeof planShape>
}

type Undo = z.output<typeof undoShape>

const undoOfJson = (undo: Undo): Plan['steps'][number]['undo'] => {
  if ('none' in undo) return undo
  const { deadline_ms: deadlineMs, ...step } = undo.step
  return { step: { ...step, deadlineMs } }
}

/** The other way: a plan that was printed or kept as a file. */
export const planOf = ({ basis, steps, ...plan }: z.output<typeof planShape>): Plan => ({
  ...plan,
  basis: { fingerprint: basis.fingerprint, atMs: Date.parse(basis.at), expiresMs: Date.parse(basis.expires) },
  steps: steps.map(({ deadline_ms: deadlineMs, undo, ...step }) => ({ ...step, deadlineMs, undo: undoOfJson(undo) })),
})
