import type { NodeView, Snapshot } from '../core/snapshot.ts'

type ClusterFactsSeen = Snapshot['facts']

/** Another name for a server that is looked at under its first one. */
export const isTwin = ({ facts: { server } }: Pick<NodeView, 'facts'>): boolean =>
  !server.seen && server.why === 'named-twice'

/** What hosts, logs and the team's own rules say of a server is said once, whatever it is called. */
export function withoutTwins(facts: ClusterFactsSeen, nodes: readonly NodeView[]): ClusterFactsSeen {
  const twins = new Set(nodes.filter(isTwin).map(({ name }) => name))
  if (twins.size === 0) return facts
  const { hosts, logs, invariants } = facts
  const others = <T extends { readonly node: string }>(all: readonly T[]): readonly T[] =>
    all.filter(({ node }) => !twins.has(node))
  return {
    ...facts,
    hosts: hosts.seen
      ? { ...hosts, value: { hosts: others(hosts.value.hosts), blind: others(hosts.value.blind) } }
      : hosts,
    logs: logs.seen
      ? {
          ...logs,
          value: {
            readable: logs.value.readable.filter((node) => !twins.has(node)),
            blind: others(logs.value.blind),
            entries: others(logs.value.entries),
          },
        }
      : logs,
    invariants: invariants.seen ? { ...invariants, value: others(invariants.value) } : invariants,
  }
}
