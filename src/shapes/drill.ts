/* oxlint-disable unicorn/no-thenable -- `then` is the published name of what the original team needed, and plain data */
import { z } from 'zod'
import type { DrillResult } from '../core/drill.ts'
import { suspectJson, suspectShape } from './diagnosis.ts'
import { list } from './scalar.ts'

/** What the original team needed: the same in drills and in coverage. */
export const thenShape = z.object({ to_cause_min: z.number().nullable(), total_min: z.number().nullable() })

export const thenJson = (then: DrillResult['original']) =>
  ({ to_cause_min: then.toCauseMin, total_min: then.totalMin }) satisfies z.output<typeof thenShape>

export const drillResultShape = z.object({
  id: z.string(),
  title: z.string(),
  seed: z.number(),
  then: thenShape,
  prevented: z.object({ by: z.string(), ms: z.number() }).exactOptional(),
  gate: list(
    z.object({
      by: z.string(),
      verdict: z.enum(['pass', 'warn', 'block']).nullable(),
      rule: z.string().nullable(),
      object: z.string().nullable(),
      stopped: z.boolean(),
      put_back: z.boolean(),
      why: z.string().nullable(),
      ms: z.number(),
    }),
  ).exactOptional(),
  corrected: z.enum(['pass', 'warn', 'block']).exactOptional(),
  noticed: z.object({ ms: z.number().nullable(), by: z.string().nullable() }),
  named: z.object({
    ms: z.number().nullable(),
    cause: z.string().nullable(),
    subject: z.string().nullable(),
    trigger: z.string().nullable(),
    correct: z.boolean(),
  }),
  harm: z
    .object({
      share: z.number(),
      codes: z.record(z.string(), z.number()),
      happened: z.boolean(),
      why: z.string().nullable(),
    })
    .exactOptional(),
  wrongly_confirmed: list(z.string()).exactOptional(),
  without: list(z.string()).exactOptional(),
  suspects: list(suspectShape),
  recovered: z.object({ ms: z.number(), how: z.string(), verified: z.boolean() }).exactOptional(),
  proof: z.string().nullable(),
})

export function drillResultJson(drill: DrillResult) {
  return {
    id: drill.id,
    title: drill.title,
    seed: drill.seed,
    then: thenJson(drill.original),
    ...(drill.prevented === undefined ? {} : { prevented: drill.prevented }),
    ...(drill.gate === undefined
      ? {}
      : { gate: drill.gate.map(({ isPutBack, ...attempt }) => ({ ...attempt, put_back: isPutBack })) }),
    ...(drill.corrected === undefined ? {} : { corrected: drill.corrected }),
    noticed: drill.noticed,
    named: drill.named,
    ...(drill.harm === undefined ? {} : { harm: drill.harm }),
    ...(drill.wronglyConfirmed === undefined ? {} : { wrongly_confirmed: drill.wronglyConfirmed }),
    ...(drill.without === undefined ? {} : { without: drill.without }),
    suspects: drill.suspects.map(suspectJson),
    ...(drill.recovered === undefined ? {} : { recovered: drill.recovered }),
    proof: drill.proof,
  } satisfies z.output<typeof drillResultShape>
}
