import { withCustomChecks } from '../../checks/custom.ts'
import type { Accepted } from '../../core/accepted.ts'
import type { Check } from '../../core/check.ts'
import type { ClusterConfig, Configuration } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import { matchesGlob } from '../../core/glob.ts'
import { severities } from '../../core/severity.ts'
import { readBaseline } from '../check/baseline.ts'
import { explainCheck, listChecks, noCheckOf } from '../check/catalogue.ts'
import { endedText } from '../check/ended.ts'
import { failing, sortAudit, type CheckReport } from '../check/report.ts'
import { chosenClusters } from '../clusters.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { failOnOf } from '../fail-on.ts'

/** A one-shot audit of a cluster: what is wrong now, and what could not be seen. */
export default defineCommand({
  name: 'check',
  summary: 'a one-shot audit: findings with evidence and remedy',
  arguments: [{ name: '[urls...]', summary: 'addresses of the nodes; without them the configuration is read' }],
  options: [
    { flags: '--cluster <name>', summary: 'only this cluster' },
    { flags: '--only <glob>', summary: 'only checks whose id matches, e.g. replication/*' },
    { flags: '--baseline <file>', summary: 'what this earlier `check --format json` has found does not count' },
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
  formats: ['text', 'json', 'sarif', 'junit', 'markdown'],
  async run(context) {
    const { options } = context
    const { checks } = await import('../../checks/list.generated.ts')
    if (options.flag('list') || options.has('explain')) return tellOfChecks(checks, context)
    const glob = options.text('only')
    // A team's own checks are known only when the configuration has been read.
    const isUnknown = glob !== null && !glob.startsWith('custom/') && !checks.some(({ id }) => matchesGlob(glob, id))
    if (isUnknown) throw noCheckOf(glob, checks)
    const file = options.text('baseline')
    const baseline = file === null ? null : readBaseline(file)
    const configuration = await context.config({ urls: context.args, needs: 'url' })
    const clusters = chosenClusters(configuration, options.text('cluster'))
    const wanted = new Map(clusters.map((cluster) => [cluster, wantedOf(checks, cluster, glob)]))
    if ([...wanted.values()].every((some) => some.length === 0)) throw noCheckOf(glob ?? '', checks)
    const [{ audit }, { endedMutes }] = await Promise.all([import('../audit.ts'), import('../../findings/mute.ts')])
    const { thresholds, mutes } = configuration
    const audits = []
    for (const [cluster, some] of wanted) {
      context.progress(`looking at ${cluster.name}`)
      const accepted = await lastGood(configuration, cluster.name)
      audits.push(await audit(cluster, { checks: some, thresholds, mutes, accepted }, context.signal))
    }
    const atMs = Date.now()
    const report: CheckReport = {
      atMs,
      audits: audits.map((each) => sortAudit(each, baseline)),
      checks: [...new Map([...wanted.values()].flat().map((check) => [check.id, check])).values()],
      floor: failOnOf(options),
      hasBaseline: baseline !== null,
      endedMutes: endedMutes(mutes, atMs),
      source: sourceOf(configuration),
    }
    await print(report, context)
    if (audits.some(({ nodes }) => nodes.every(({ role }) => role === null))) return 3
    if (failing(report).length > 0) return 1
    const isBlind = audits.some(({ results }) => results.some(({ blind }) => blind.length > 0))
    return options.flag('strict') && isBlind ? 3 : 0
  },
})

/** What `accept`, a green gate or a watcher has kept of it; without a file there is no store, and looking makes none. */
async function lastGood({ file, store: url }: Configuration, cluster: string): Promise<Accepted | null> {
  if (file === null) return null
  const [{ openExistingStore }, { readAccepted }] = await Promise.all([
    import('../../store/open.ts'),
    import('../../shapes/accepted.ts'),
  ])
  const store = await openExistingStore(url, { clock: Date.now })
  try {
    return store === null ? null : readAccepted((await store.lastGood(cluster))?.fingerprint)
  } finally {
    await store?.close()
  }
}

const wantedOf = (checks: readonly Check[], { invariants }: ClusterConfig, glob: string | null): readonly Check[] =>
  withCustomChecks(checks, invariants).filter(({ id }) => glob === null || matchesGlob(glob, id))

const sourceOf = ({ file, places }: Configuration): CheckReport['source'] =>
  file === null ? null : { file, places: places ?? {} }

/** Each form is loaded when it is asked for. */
async function print(report: CheckReport, { format, out, style, width }: CommandContext): Promise<void> {
  if (format === 'json') out.json((await import('../check/json.ts')).reportJson(report))
  else if (format === 'sarif') out.json((await import('../check/sarif.ts')).reportSarif(report))
  else if (format === 'junit') out.document((await import('../check/junit.ts')).reportJunit(report))
  else if (format === 'markdown') out.document((await import('../check/markdown.ts')).reportMarkdown(report))
  else {
    const { auditText } = await import('../text/checks.ts')
    for (const each of report.audits) for (const line of auditText(each, style, width)) out.line(line)
    for (const mute of report.endedMutes) out.line(`${style.warning('warning ')}  ${endedText(mute)}`)
  }
}

/** Without a server; the team's own checks are among them where there is a configuration. */
async function tellOfChecks(checks: readonly Check[], context: CommandContext): Promise<0> {
  const { format, options } = context
  if (format !== 'text' && format !== 'json')
    throw new AntemortemError('usage', `check: --list and --explain have no --format ${format}`, 'Use text or json.', {
      exit: 2,
    })
  const own = (await ownClusters(context)).flatMap(({ invariants }) => invariants)
  const glob = options.text('only')
  const all = withCustomChecks(checks, own).filter(({ id }) => glob === null || matchesGlob(glob, id))
  const id = options.text('explain')
  if (id !== null) return explainCheck(all, id, context)
  if (all.length === 0) throw noCheckOf(glob ?? '', checks)
  return listChecks(all, context)
}

async function ownClusters({ config }: CommandContext): Promise<readonly ClusterConfig[]> {
  try {
    return (await config()).clusters
  } catch (error) {
    if (error instanceof AntemortemError && error.code === 'configuration-unreadable') return []
    throw error
  }
}
