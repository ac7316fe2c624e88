import type { Step } from '../../core/plan.ts'

/** What a step of `rebuild-table` is about; a step without it is a bug of ours. */
export interface RebuildInput {
  readonly schema: string
  readonly table: string
  readonly primary: string
  readonly donor: string
  readonly twin: string
  readonly kept: string
  readonly server: string
  readonly oid: string
  /** Publications that would carry any table of the schema; empty: none. */
  readonly publishes: string
  readonly mayGo: number
  readonly mayChange: number
}

export const textOf = (step: Step, key: string): string => {
  const value = step.input[key]
  if (typeof value !== 'string') throw new Error(`step ${step.kind} has no ${key}`)
  return value
}

const numberOf = (step: Step, key: string): number => {
  const value = step.input[key]
  if (typeof value !== 'number') throw new Error(`step ${step.kind} has no ${key}`)
  return value
}

export const rebuildInput = (step: Step): RebuildInput => ({
  schema: textOf(step, 'schema'),
  table: textOf(step, 'table'),
  primary: textOf(step, 'primary'),
  donor: textOf(step, 'donor'),
  twin: textOf(step, 'twin'),
  kept: textOf(step, 'kept'),
  server: textOf(step, 'server'),
  oid: textOf(step, 'oid'),
  publishes: textOf(step, 'publishes'),
  mayGo: numberOf(step, 'may_go'),
  mayChange: numberOf(step, 'may_change'),
})
