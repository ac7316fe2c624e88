import type { Case, Evidence } from '../core/diagnosis.ts'
import type { Change } from '../core/change.ts'
import type { ContractFact } from '../core/facts/cluster.ts'
import type { Fits } from './harm.ts'
import { contractEvidence, failsSinceMs, instanceHarm, placesOf } from './instances.ts'
import { contractsOf } from './look.ts'
import { changedKeys, mayBeOwnSettings } from './settings-keys.ts'

/** Logins that a server refuses, told apart from those of instances whose own settings may be why. */
export interface Refusals {
  /** Results that no changed settings file may explain. */
  readonly results: readonly ContractFact[]
  /** Some fail for which their own file may be why: then the server's side excludes nothing. */
  readonly mayBeOwn: boolean
  readonly harm: readonly Evidence[]
}

/** A change and the failure that it makes are seen by different looks. */
const slackMs = 2_000

export interface Refusal {
  readonly isSuch: (result: ContractFact) => boolean
  /** Codes with which the application itself tells of it. */
  readonly fits: Fits
  /** What changed on the server: what failed before that is not its doing. */
  readonly news?: readonly Change[]
}

export function refusalsOn(c: Case, node: string, { isSuch, fits, news = [] }: Refusal): Refusals {
  const fromMs = news.length === 0 ? 0 : Math.min(...news.map(({ notBeforeMs }) => notBeforeMs)) - slackMs
  const failing = contractsOf(c).filter(
    (result) =>
      result.node === node &&
      !result.ok &&
      isSuch(result) &&
      result.atMs >= fromMs &&
      (failsSinceMs(c, result) ?? result.atMs) >= fromMs,
  )
  const results = failing.filter((result) => !mayBeOwnSettings(c, result))
  const changed = new Set(changedKeys(c).map(({ file }) => file.instance))
  const others = placesOf(c).instances.filter((instance) => !changed.has(instance))
  const whose =
    changed.size === 0 ? { instances: null, fromMs } : { instances: new Set(others), othersMay: true as const, fromMs }
  return {
    results,
    mayBeOwn: failing.length > results.length || (changed.size > 0 && results.length === 0),
    harm: [...results.map(contractEvidence), ...instanceHarm(c, node, whose, fits)],
  }
}
