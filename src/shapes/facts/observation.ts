import { z } from 'zod'
import type { Blindness } from '../../core/observation.ts'
import { unseen } from '../../core/observation.ts'

export const blindness = z.enum([
  'unreachable',
  'no-privilege',
  'not-configured',
  'not-in-this-version',
  'timed-out',
  'stale',
  'no-history',
  'not-comparable',
  'named-twice',
] as const satisfies readonly Blindness[])

/** A bundle of an older program lacks what that program could not read: it is not seen, and it is not an error. */
const notRecorded = unseen(
  'not-in-this-version',
  'the program that wrote this did not read it',
  'record it anew with this version',
)

/** An observed value of this shape, or why there is none. */
export const observation = <T extends z.ZodType>(value: T) =>
  z
    .discriminatedUnion('seen', [
      z.object({ seen: z.literal(true), atMs: z.number(), value }),
      z.object({ seen: z.literal(false), why: blindness, detail: z.string(), remedy: z.string() }),
    ])
    .default(notRecorded)
