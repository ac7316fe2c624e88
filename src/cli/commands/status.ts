import { severities } from '../../core/severity.ts'
import { unnamedJson } from '../../shapes/check.ts'
import { timeOf } from '../../shapes/scalar.ts'
import type { StatusJson } from '../../shapes/status.ts'
import { neededUrl } from '../check/needed-url.ts'
import { chosenClusters } from '../clusters.ts'
import { defineCommand } from '../command.ts'
import type { ClusterStatus } from '../status/status.ts'

/** The first thing to type at night: what there is, and whether it stands. */
export default defineCommand({
  name: 'status',
  summary: 'the topology as a tree: roles, lag, who could take over, what is wrong in a word',
  arguments: [{ name: '[urls...]', summary: 'addresses of the nodes; without them the configuration is read' }],
  options: [{ flags: '--cluster <name>', summary: 'only this cluster' }],
  example: 'antemortem status postgres://antemortem@db1/app postgres://antemortem@db2/app',
  formats: ['text', 'json'],
  async run(context) {
    const configuration = await context.config({ urls: context.args, needs: 'url' })
    const clusters = chosenClusters(configuration, context.options.text('cluster'))
    const [{ clusterStatus }, { statusText }] = await Promise.all([
      import('../status/status.ts'),
      import('../status/text.ts'),
    ])
    const seen: ClusterStatus[] = []
    for (const cluster of clusters) {
      context.progress(`looking at ${cluster.name}`)
      const status = await clusterStatus(cluster, configuration, context.signal)
      if (status) seen.push(status)
    }
    if (context.format === 'json') context.out.json({ clusters: seen.map(statusJson) } satisfies StatusJson)
    for (const [n, status] of seen.entries()) {
      if (n > 0) context.out.line()
      for (const line of statusText(status, Date.now(), context.style, context.width)) context.out.line(line)
    }
    const isHidden = ({ nodes }: ClusterStatus): boolean => nodes.every(({ role }) => role === null)
    if (seen.length < clusters.length || seen.some(isHidden)) return 3
    return seen.some(({ findings }) => findings.some(({ severity }) => severity === 'critical')) ? 1 : 0
  },
})

const statusJson = (status: ClusterStatus): StatusJson['clusters'][number] => ({
  name: status.name,
  verdict: verdictOf(status),
  cause: status.cause && { id: status.cause.id, subject: status.cause.subject, verdict: status.cause.verdict },
  nodes: status.nodes.map(({ name, role, version, upstream, unseen, link, obstacles, findings }) => ({
    name,
    role,
    version,
    upstream,
    unseen,
    link: link && { state: link.state, slot: link.slot, lag_bytes: link.lagBytes, lag_ms: link.lagMs },
    takeover: obstacles && { can: obstacles.length === 0, why_not: obstacles },
    wrong: findings.map(({ check, severity, message }) => ({ check, severity, message })),
  })),
  verified: verifiedJson(status.rows),
  unnamed: status.unnamed.map((server) => unnamedJson(server, neededUrl(server, status.readers))),
})

const verifiedJson = ({ known }: ClusterStatus['rows']): StatusJson['clusters'][number]['verified'] =>
  known && {
    tables: known.tables,
    verified: known.verified,
    oldest_at: known.oldestMs === null ? null : timeOf(known.oldestMs),
  }

function verdictOf({ nodes, findings }: ClusterStatus): StatusJson['clusters'][number]['verdict'] {
  if (nodes.some(({ role }) => role === null)) return 'not-seen'
  const gravest = severities.findLast((severity) => findings.some((finding) => finding.severity === severity))
  return gravest === undefined || gravest === 'info' ? 'ok' : gravest
}
