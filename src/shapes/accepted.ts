import { z } from 'zod'
import type { Accepted } from '../core/accepted.ts'
import { clusterFacts } from './facts/cluster.ts'

const text = z.string()

/** What was last known good, as the store keeps it. */
export const acceptedShape = z.object({
  fact: clusterFacts.lastGood,
  files: z.record(text, z.record(text, text).readonly()).readonly(),
}) satisfies z.ZodType<Accepted>

/** null where an earlier version has written it, or somebody else: then nothing is known good until it is seen anew. */
export const readAccepted = (value: unknown): Accepted | null => acceptedShape.safeParse(value).data ?? null
