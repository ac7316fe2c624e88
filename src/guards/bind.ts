import { stages } from '../core/outage.ts'
import type { Stage } from '../core/outage.ts'

/** Where a guard meets an outage, by the first word of its name. */
const meets: Readonly<Record<string, readonly Stage[]>> = {
  gate: ['prevent'],
  check: ['detect'],
  verify: ['detect'],
  contract: ['detect'],
  // A drill is passed only when the cause was named and the way back was verified.
  drill: ['diagnose', 'recover'],
  backup: ['recover'],
  prove: ['recover'],
  failover: ['recover'],
}

/** The stages that a guard covers. What nothing runs, `docs:…` and `training:…`, covers none. */
export function stagesOf(guard: string): readonly Stage[] {
  const [kind = ''] = guard.split(':', 1)
  return Object.hasOwn(meets, kind) ? (meets[kind] ?? []) : []
}

/** `none:prevent`, `none:prevent-hardware-wears-out`: the stage that a measure says can not be covered, and that is a decision. */
export function givenUp(guard: string): Stage | null {
  const word = /^none:([a-z]+)(?:$|-)/.exec(guard)?.[1]
  return stages.find((stage) => stage === word) ?? null
}
