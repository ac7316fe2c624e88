import { z } from 'zod'
import type { Change, ChangeKind } from '../core/change.ts'
import { time, timeOf } from './scalar.ts'

export const changeKinds = [
  'schema',
  'setting',
  'role',
  'access',
  'connection',
  'software',
  'deployment',
  'topology',
  'data',
] as const satisfies readonly ChangeKind[]

export const changeShape = z.object({
  id: z.string(),
  at: time,
  not_before: time,
  kind: z.enum(changeKinds),
  object: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  source: z.string(),
})

export function changeJson(change: Change) {
  return {
    id: change.id,
    at: timeOf(change.atMs),
    not_before: timeOf(change.notBeforeMs),
    kind: change.kind,
    object: change.object,
    before: change.before,
    after: change.after,
    source: change.source,
  } satisfies z.output<typeof changeShape>
}
