import type { ClusterConfig } from '../../core/configuration.ts'
import type { NodeRole, NodeView } from '../../core/snapshot.ts'
import { redact } from '../../core/redact.ts'
import type { Unnamed } from '../../fleet/discovery.ts'
import { neededUrl } from '../check/needed-url.ts'
import type { NearbyFile } from './nearby.ts'

export interface DraftNode {
  readonly name: string
  /** As it may stand in a file: without a password. */
  readonly url: string
  /** To be set before the file works; null where the address says it all. */
  readonly variable: string | null
}

/** A server that somebody tells of, and whose address nobody has given yet. */
export interface DraftMissing extends DraftNode {
  readonly role: Unnamed['role']
  readonly by: string
  /** What its variable has to hold, as far as it is known. */
  readonly needs: string
}

export interface DraftContract {
  readonly name: string
  readonly settings: readonly string[]
  readonly node: string
  readonly readOnly: boolean
  readonly reads: Readonly<Record<string, string>>
}

/** The configuration that `init` writes, as data. */
export interface Draft {
  readonly cluster: string
  readonly nodes: readonly DraftNode[]
  readonly missing: readonly DraftMissing[]
  readonly contracts: readonly DraftContract[]
}

/** Names every node by its role; a URL with a password becomes a variable. */
export function draftNodes(
  cluster: ClusterConfig,
  views: readonly NodeView[],
  unnamed: readonly Unnamed[],
  shown: (file: string) => string,
): Pick<Draft, 'cluster' | 'nodes' | 'missing'> & {
  /** From the name that the node had by its address. */
  readonly names: ReadonlyMap<string, string>
} {
  const taken = new Set<string>()
  const free = (role: NodeRole | Unnamed['role'] | null): string => {
    const base = role ?? 'node'
    for (let n = 1; ; n += 1) {
      const name = n === 1 ? base : `${base}-${n}`
      if (taken.has(name)) continue
      taken.add(name)
      return name
    }
  }
  const variableOf = (name: string): string =>
    `${cluster.name}_${name}_URL`
      .toUpperCase()
      .replace(/[^A-Z0-9]+/g, '_')
      .replace(/^(?=\d)/, 'DB_')
  // A path in the file means the file's folder.
  const inFile = (url: string): string => url.replace(/^file:(?!\/)(.+)$/, (_, path: string) => `file:${shown(path)}`)
  const names = new Map<string, string>()
  const nodes = cluster.nodes.map(({ name: before, url }): DraftNode => {
    const name = free(views.find((view) => view.name === before)?.role ?? null)
    names.set(before, name)
    const variable = hasPassword(url) ? variableOf(name) : (/^env:(.+)$/.exec(url)?.[1] ?? null)
    return { name, url: variable === null ? inFile(url) : `env:${variable}`, variable }
  })
  const readers = views.map(({ name, facts: { privileges } }) => ({
    name,
    reader: privileges.seen ? privileges.value.role : null,
  }))
  const missing = unnamed.map((server): DraftMissing => {
    const name = free(server.role)
    const variable = variableOf(name)
    const { role, by } = server
    return { name, url: `env:${variable}`, variable, role, by: names.get(by) ?? by, needs: neededUrl(server, readers) }
  })
  return { cluster: cluster.name, nodes, missing, names }
}

/** Written out, where many may read it. */
const hasPassword = (url: string): boolean => redact(url) !== url

/** One contract for the files that lead to the same node; its reads are what all of them agree on. */
export function draftContracts(files: readonly NearbyFile[], nodes: readonly NodeView[]): readonly DraftContract[] {
  const groups = [...Map.groupBy(files, ({ node }) => node)]
  return groups.map(([node, group], n) => {
    const [first] = group
    const agreed = Object.entries(first?.reads ?? {}).filter(([read, key]) =>
      group.every(({ reads }) => reads[read] === key),
    )
    return {
      name: n === 0 ? 'app' : `app-${node}`,
      settings: group.map(({ file, key }) => (key === null ? file : `${file}#${key}`)),
      node,
      readOnly: nodes.find(({ name }) => name === node)?.role === 'standby',
      reads: Object.fromEntries(agreed.map(([read, key]) => [read, `#${key}`])),
    }
  })
}
