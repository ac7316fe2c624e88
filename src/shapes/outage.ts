/* oxlint-disable unicorn/no-thenable -- `then` is the published name of what the original team needed, and plain data */
import { z } from 'zod'
import type { Outage, OutageCell } from '../core/outage.ts'
import { thenJson, thenShape } from './drill.ts'
import { scalars, time, timeOf } from './scalar.ts'

const cellShape = z.object({
  state: z.enum(['proven', 'armed', 'regressed', 'open', 'not-applicable']),
  guard: z.string().exactOptional(),
  at: time.exactOptional(),
  figures: scalars.exactOptional(),
  why: z.string().exactOptional(),
  next: z.string().exactOptional(),
})

export const outageShape = z.object({
  id: z.string(),
  title: z.string(),
  source: z.string(),
  then: thenShape,
  cells: z.object({ prevent: cellShape, detect: cellShape, diagnose: cellShape, recover: cellShape }),
})

const cellJson = ({ state, guard, atMs, figures, why, next }: OutageCell) =>
  ({
    state,
    ...(guard === null ? {} : { guard }),
    ...(atMs === null ? {} : { at: timeOf(atMs), figures }),
    ...(why === null ? {} : { why }),
    ...(next === null ? {} : { next }),
  }) satisfies z.output<typeof cellShape>

export function outageJson({ id, title, source, original, cells }: Outage) {
  return {
    id,
    title,
    source,
    then: thenJson(original),
    cells: {
      prevent: cellJson(cells.prevent),
      detect: cellJson(cells.detect),
      diagnose: cellJson(cells.diagnose),
      recover: cellJson(cells.recover),
    },
  } satisfies z.output<typeof outageShape>
}
