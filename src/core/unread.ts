import type { HostPart, HostsFact, LogsFact } from './facts/cluster.ts'
import type { Blind } from './finding.ts'

/** Logs and hosts are read node by node: of one that is not, nothing is known, though those of others are read. */
const blindOf = ({ node, why, remedy }: { node: string; why: string; remedy: string }): Blind => ({
  node,
  why: 'not-configured',
  detail: why,
  remedy,
})

/** A log that should be there and cannot be read is one thing that somebody can mend. */
export const unreadLogs = ({ blind }: LogsFact): readonly Blind[] =>
  blind.map((each) => ({ ...blindOf(each), ...(each.expected === true && { subjects: [`${each.node}:log`] }) }))

/** Hosts that do not answer, and of those that do the named parts that could not be read. */
export const unreadHosts = ({ blind, hosts }: HostsFact, parts: readonly HostPart[]): readonly Blind[] => [
  ...blind.map(blindOf),
  ...hosts.flatMap(({ node, unseen }) =>
    unseen.filter(({ what }) => parts.includes(what)).map(({ why, remedy }) => blindOf({ node, why, remedy })),
  ),
]
