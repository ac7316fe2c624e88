import type { Check } from '../../core/check.ts'
import { AntemortemError } from '../../core/error.ts'
import { severities, atLeast, type Severity } from '../../core/severity.ts'
import { table } from '../../report/table.ts'
import { checkResultJson, findingJson } from '../../shapes/finding.ts'
import { chosenClusters } from '../clusters.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { auditText } from '../text/checks.ts'

/** A one-shot audit of a cluster: what is wrong now, and what could not be seen. */
export default defineCommand({
  name: 'check',
  summary: 'a one-shot audit: findings with evidence and remedy',
  arguments: [{ name: '[urls...]', summary: 'addresses of the nodes; without them the configuration is read' }],
  options: [
    { flags: '--cluster <name>', summary: 'only this cluster' },
    { flags: '--only <glob>', summary: 'only checks whose id matches, e.g. replication/*' },
    { flags: '--strict', summary: 'exit 3 when a check could not see' },
    {
      flags: '--fail-on <severity>',
      summary: 'lowest severity that gives exit 1',
      choices: severities,
      default: 'error',
    },
    { flags: '--list', summary: 'list the checks' },
    { flags: '--explain <id>', summary: 'what a check asks, and its limits' },
  ],
  example: 'antemortem check postgres://antemortem@db1/app postgres://antemortem@db2/app',
  formats: ['text', 'json'],
  async run(context) {
    const { checks } = await import('../../checks/list.generated.ts')
    const glob = context.options.text('only')
    const isWanted = ({ id }: { id: string }): boolean => glob === null || matches(glob, id)
    const wanted = checks.filter(isWanted)
    // A team's own checks are known only when the configuration has been read.
    if (wanted.length === 0 && !glob?.startsWith('custom/')) throw noCheck(glob ?? '')
    if (context.options.flag('list')) return list(wanted, context)
    const explained = context.options.text('explain')
    if (explained !== null) return explain(checks.find(({ id }) => id === explained) ?? null, explained, context)

    const configuration = await context.config({ urls: context.args, needs: 'url' })
    const clusters = chosenClusters(configuration, context.options.text('cluster'))
    const { withCustomChecks } = await import('../../checks/custom.ts')
    const asked = clusters.map((cluster) => ({
      cluster,
      checks: [...wanted, ...withCustomChecks([], cluster.invariants).filter(isWanted)],
    }))
    if (asked.every((each) => each.checks.length === 0)) throw noCheck(glob ?? '')
    const { audit } = await import('../audit.ts')
    const audits = []
    for (const { cluster, checks: those } of asked) {
      context.progress(`looking at ${cluster.name}`)
      audits.push(await audit(cluster, those, configuration.thresholds, context.signal))
    }
    const found = audits.flatMap(({ results }) => results.flatMap((result) => result.found))
    const blind = audits.flatMap(({ results }) => results.flatMap((result) => result.blind))
    if (context.format === 'json')
      context.out.json({
        clusters: audits.map(({ name, nodes, results }) => ({
          name,
          nodes,
          results: results.map(checkResultJson),
          findings: results.flatMap((result) => result.found.map(findingJson)),
        })),
        summary: {
          checks: new Set(asked.flatMap((each) => each.checks.map(({ id }) => id))).size,
          ...Object.fromEntries(
            severities.map((severity) => [severity, found.filter((finding) => finding.severity === severity).length]),
          ),
          blind: blind.length,
        },
      })
    else
      for (const each of audits)
        for (const line of auditText(each, context.style, context.width)) context.out.line(line)
    if (audits.some(({ nodes }) => nodes.every(({ role }) => role === null))) return 3
    const floor = severities.find((severity) => severity === context.options.text('fail-on')) ?? 'error'
    if (found.some(({ severity }) => atLeast(severity, floor satisfies Severity))) return 1
    return context.options.flag('strict') && blind.length > 0 ? 3 : 0
  },
})

const matches = (glob: string, id: string): boolean =>
  new RegExp(`^${glob.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(id)

const noCheck = (glob: string): AntemortemError =>
  new AntemortemError('usage', `no check matches '${glob}'`, 'antemortem check --list names them all.', { exit: 2 })

type Checks = readonly Check[]

function list(checks: Checks, { format, out, style, width }: CommandContext): 0 {
  if (format === 'json')
    out.json({
      checks: checks.map(({ id, severity, question, seeds, limits }) => ({
        id,
        severity,
        question,
        seeds,
        limits: limits ?? {},
      })),
    })
  else
    for (const line of table(
      checks.map(({ id, severity, question }) => [style.name(id), severity, question]),
      { width },
    ))
      out.line(line)
  return 0
}

function explain(check: Checks[number] | null, id: string, { format, out, style, width }: CommandContext): 0 {
  if (!check) throw noCheck(id)
  const { severity, question, needs, needsCluster, limits = {}, seeds } = check
  if (format === 'json')
    out.json({ id: check.id, severity, question, needs, needs_cluster: needsCluster ?? [], limits, seeds })
  else {
    out.line(`${style.strong(check.id)}  ${severity}`)
    out.line(question)
    out.line()
    const rows = Object.entries(limits).map(([name, limit]) => [
      `  ${name}`,
      `${limit.default} ${limit.unit}`,
      limit.why,
    ])
    for (const line of table(rows, { width })) out.line(line)
    out.line(
      style.faint(`looks at: ${[...needs, ...(needsCluster ?? [])].join(', ')}; page: docs/checks/${check.id}.md`),
    )
  }
  return 0
}
