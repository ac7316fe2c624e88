import { decide, type ProbeCircumstances, type ProbeState } from '../contracts/schedule.ts'
import type { NodeView } from '../core/snapshot.ts'

/** A connection that could be tried next, and what is known of it. */
export interface Candidate {
  readonly state: ProbeState
  /** As they are now; a login that was refused is tried again when they change. */
  readonly credentials: string
  /** Left on its node; of a login of replication alone. */
  readonly walsenders?: number | null | undefined
}

/** Nodes on which the application fails now, and those that our own samples do not reach: their contracts are tried at once. */
export const suspectedNodes = (nodes: readonly NodeView[], hurts: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([
    ...hurts,
    ...nodes.filter(({ facts }) => !facts.server.seen && facts.server.why !== 'named-twice').map(({ name }) => name),
  ])

/** What is asked next on a node: what fails or changed or is suspected at once, else one instance when it is the node's turn. */
export function nextProbe<T extends Candidate>(
  group: readonly T[],
  now: Omit<ProbeCircumstances, 'credentials' | 'walsenders'>,
  isTurn: boolean,
): { readonly candidate: T; readonly calm: boolean } | null {
  const isDue = ({ state, credentials, walsenders }: T, lastMs: number | null): boolean =>
    decide({ ...state, lastMs }, { ...now, credentials, walsenders }).probe
  const failing = group.find((each) => each.state.failures > 0 && isDue(each, each.state.lastMs))
  if (failing) return { candidate: failing, calm: false }
  const well = group
    .filter(({ state }) => state.failures === 0)
    .sort((a, b) => (a.state.lastMs ?? 0) - (b.state.lastMs ?? 0))
  const changed = well.find(({ state, credentials }) => state.credentials !== credentials)
  if (changed && isDue(changed, null)) return { candidate: changed, calm: false }
  const [oldest] = well
  const newest = well.at(-1)
  if (!oldest || !newest || !(isTurn || now.suspected) || !isDue(oldest, newest.state.lastMs)) return null
  return { candidate: oldest, calm: !now.suspected }
}
