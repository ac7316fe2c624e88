import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { NodeView } from '../../core/snapshot.ts'
import {
  availableExtensions,
  countRefusing,
  openNode,
  readAddress,
  refusingRowsSql,
  resolveUrl,
  type NodeLink,
} from '../../engines/postgres/index.ts'
import { openFleet } from '../../fleet/fleet.ts'
import type { Login, ProbeResult, ReviewInput, Topology } from './input.ts'
import { replicationLogins } from './logins.ts'
import { probesFor } from './probes.ts'

const limits = {
  roundMs: { default: 20_000, unit: 'ms', why: 'the catalog of ten thousand tables takes seconds' },
  connectMs: { default: 3000, unit: 'ms', why: 'a node that needs longer is said not to be seen' },
  probeMs: { default: 5000, unit: 'ms', why: 'production is asked on the side: what takes longer is left unasked' },
  mostRows: { default: 1000, unit: 'rows', why: 'more is no other answer' },
  mostProbes: { default: 50, unit: 'queries', why: 'a change that judges more tables is better cut in pieces' },
} as const

export interface ReadTopology {
  readonly topology: Topology
  /** Nodes that were not seen, and why. */
  readonly blind: readonly string[]
}

/** What the rules may know of the cluster: one look at every node, by the reading role. Nodes that are down are said. */
export async function readTopology(
  cluster: ClusterConfig,
  logins: readonly Login[],
  signal: AbortSignal,
): Promise<ReadTopology> {
  const fleet = await openFleet(cluster, { clock: Date.now, signal, roundMs: limits.roundMs.default })
  let nodes: readonly NodeView[]
  try {
    nodes = (await fleet.tick()).nodes
  } finally {
    await fleet.close()
  }
  const primary = primaryIn(cluster.name, nodes)
  const addresses = Object.fromEntries(cluster.nodes.map(({ name, url }) => [name, hostOf(url, name)]))
  return {
    topology: {
      cluster: cluster.name,
      primary,
      nodes,
      addresses,
      logins: [...logins.map((login) => withTls(login, nodes)), ...replicationLogins(nodes)],
      extensions: {},
    },
    blind: nodes.flatMap(notSeenOf),
  }
}

/** The facts that rules ask for. */
const wanted = [
  'server',
  'tables',
  'publications',
  'subscriptions',
  'settings',
  'replicationSlots',
  'senders',
  'receiver',
] as const

/** Why a node was not seen whole, each reason once, with the order that ends it. */
const notSeenOf = ({ name, facts }: NodeView): readonly string[] => [
  ...new Set(
    wanted.flatMap((key) => {
      const fact = facts[key]
      if (fact.seen) return []
      // A server that does not answer says nothing of anything.
      const what = fact.why === 'unreachable' ? '' : `${key}: `
      return [`${name}: ${what}${fact.detail}${fact.remedy === '' ? '' : ` (${fact.remedy})`}`]
    }),
  ),
]

function primaryIn(cluster: string, nodes: readonly NodeView[]): string {
  const primaries = nodes.filter(({ role, facts }) => role === 'primary' && facts.server.seen).map(({ name }) => name)
  const followed = primaries.filter((name) => nodes.some(({ upstream }) => upstream === name))
  const [only, ...more] = followed.length > 0 ? followed : primaries
  if (only !== undefined && more.length === 0) return only
  const unseen = nodes.find(({ facts }) => !facts.server.seen)?.facts.server
  const words =
    only === undefined ? 'no primary was seen' : `there are several primaries: ${[only, ...more].join(', ')}`
  throw new AntemortemError(
    'cluster-shape',
    `cluster ${cluster}: ${words}${unseen?.seen === false ? ` (${unseen.detail})` : ''}`,
    'Without it the text alone is reviewed.',
  )
}

function hostOf(url: string, name: string): string {
  const { host, port } = readAddress(resolveUrl(url, name))
  return `${host}:${port}`
}

/** A server without TLS is reached without it. */
function withTls(login: Login, nodes: readonly NodeView[]): Login {
  const settings = nodes.find(({ name }) => name === login.node)?.facts.settings
  return settings?.seen === true && settings.value['ssl'] === 'off' ? { ...login, tls: false } : login
}

/** Asks production what only it knows: whether libraries are installed, and how many rows would refuse. */
export async function askProduction(
  input: ReviewInput,
  cluster: ClusterConfig,
  signal: AbortSignal,
): Promise<{
  readonly topology: Topology | null
  readonly probes: readonly ProbeResult[]
  readonly notes: readonly string[]
}> {
  const { topology } = input
  if (topology === null) return { topology, probes: [], notes: [] }
  const wantsLibraries =
    input.statements.some(({ kind, isNew }) => isNew && kind === 'CreateExtensionStmt') ||
    input.settings.some(({ name }) => name === 'shared_preload_libraries')
  const wanted = probesFor(input)
  const asked = wanted.slice(0, limits.mostProbes.default)
  const notes =
    wanted.length > asked.length
      ? [
          `${wanted.length - asked.length} statements that judge rows were not asked about: ask by hand, or review fewer files at once`,
        ]
      : []
  const names = new Set([
    ...(wantsLibraries ? topology.nodes.map(({ name }) => name) : []),
    ...asked.map(({ node }) => node),
  ])
  const links = new Map<string, NodeLink>()
  try {
    for (const { name, url } of cluster.nodes)
      if (names.has(name))
        links.set(
          name,
          await openNode({
            name,
            url,
            signal,
            deadlineMs: limits.connectMs.default,
            statementTimeoutMs: limits.probeMs.default,
          }),
        )
    const extensions: Record<string, readonly string[]> = {}
    if (wantsLibraries)
      for (const [name, link] of links) {
        const known = await availableExtensions(link, signal)
        if (known !== null) extensions[name] = known
      }
    const probes: ProbeResult[] = []
    for (const { statement, node, table, rows, what } of asked) {
      const link = links.get(node)
      if (link === undefined) continue
      const place = { schema: table.schema, table: table.name }
      const counted = await countRefusing(link, place, rows, { most: limits.mostRows.default, signal })
      probes.push({
        statement,
        node,
        table: `${table.schema}.${table.name}`,
        rows: counted.ok ? counted.rows : null,
        most: limits.mostRows.default,
        what,
        look: `${refusingRowsSql(place, rows).replace('select 1', rows.kind === 'repeated' ? `select ${rows.columns.join(', ')}` : 'select *')} limit 10;`,
        detail: counted.ok ? null : counted.failure.message,
      })
    }
    return { topology: { ...topology, extensions }, probes, notes }
  } finally {
    await Promise.all([...links.values()].map(async (link) => link.close()))
  }
}
