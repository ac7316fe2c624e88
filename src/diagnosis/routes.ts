import type { Case } from '../core/diagnosis.ts'
import type { ContractFact, PathFact } from '../core/facts/cluster.ts'
import { contractsOf, pathsOf } from './look.ts'
import { mayBeOwnSettings } from './settings-keys.ts'
import { isBlocked } from './waiting.ts'

/** The application's own ways to a node, beside the watcher's: what only one of them has is the way's. */
export interface Route {
  readonly result: ContractFact
  /** The watcher's own way to the same node, which works; null where it does not. */
  readonly other: PathFact | null
  /** Nothing came back for longer than a client waits, or the network said that there is no way. */
  readonly isCut: boolean
  /** What came back took much longer than by the other way. */
  readonly isSlow: boolean
  /** It fails as a cut way does, and it was not waited for long enough, or somebody there refused. */
  readonly mayBeCut: boolean
  /** Late, and it is not known how much of it is the way. */
  readonly mayBeSlow: boolean
}

/** What a way may take more than another one before it explains what fails. */
export const slowMs = 250
/** Measured in one window: what one way did minutes ago says nothing about the other. */
const togetherMs = 30_000

export const routesTo = (c: Case, node: string): readonly Route[] =>
  contractsOf(c)
    .filter((result) => result.node === node && result.route === 'application' && !result.ok)
    // A way that the instance did not go before is no damage of the network.
    .filter((result) => !mayBeOwnSettings(c, result))
    .map((result) => routeOf(c, result))

function routeOf(c: Case, result: ContractFact): Route {
  const other =
    pathsOf(c).find(
      ({ node, reached, atMs }) => node === result.node && reached && Math.abs(atMs - result.atMs) <= togetherMs,
    ) ?? null
  const { layer, code, roundTripMs, directTripMs } = result
  const isGivenUp = code === 'CLIENT_DEADLINE'
  const isNoWay = code === 'EHOSTUNREACH' || code === 'ENETUNREACH'
  // Only the same question at the same moment by another way tells the way from a server, or from us, without a core left.
  const isCut = other !== null && ((roundTripMs === null && typeof directTripMs === 'number') || isNoWay)
  const isSlow =
    typeof roundTripMs === 'number' && typeof directTripMs === 'number' && roundTripMs - directTripMs > slowMs
  const isLate = layer === 'latency' && !isBlocked(c, result.node)
  return {
    result,
    other,
    isCut,
    isSlow,
    mayBeCut:
      !isCut && !isSlow && roundTripMs === undefined && (layer === 'tcp' || (isGivenUp && (isLate || layer === 'tls'))),
    mayBeSlow: !isCut && !isSlow && roundTripMs === undefined && isLate,
  }
}
