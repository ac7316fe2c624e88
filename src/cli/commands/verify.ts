import { readQuantity } from '../../config/quantity.ts'
import { verifyLoad, type ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError, type ExitCode } from '../../core/error.ts'
import type { VerifyReport } from '../../core/verification.ts'
import { chosenClusters } from '../clusters.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { readReport } from '../verify/read-report.ts'

/** Do all nodes hold the same rows? Compared on the servers, behind a fence, within a budget. */
export default defineCommand({
  name: 'verify',
  summary: 'do all nodes hold the same rows: every row of every table, and what differs',
  arguments: [
    {
      name: '[urls...]',
      summary: 'addresses of two nodes; without them the configuration is read. With --repair apply or undo: the plan',
    },
  ],
  options: [
    { flags: '--cluster <name>', summary: 'only this cluster' },
    { flags: '--table <glob>', summary: 'only tables that match, e.g. public.users or users or auth.*' },
    {
      flags: '--max-load <share>',
      summary: 'share of the time in which a statement may run on a node, e.g. 0.1; 1 is as fast as possible',
    },
    {
      flags: '--recheck <report>',
      summary: 'look only at what this earlier `verify --format json` found not consistent',
    },
    {
      flags: '--repair <deed>',
      summary: 'plan: how the rows of a node become right; apply or undo such a plan',
      choices: ['plan', 'apply', 'undo'],
    },
    { flags: '--to <node>', summary: 'with --repair plan: the node that is written; the other one is the truth' },
    { flags: '--from <node>', summary: 'with --repair plan: the node whose rows are right, where several could be' },
    { flags: '--fresh', summary: 'begin anew, not where an interrupted run has come to' },
  ],
  example: 'antemortem verify --table public.users',
  formats: ['text', 'json'],
  async run(context) {
    const { options, args, signal } = context
    const load = loadOf(options.text('max-load'))
    const deed = options.text('repair')
    if (deed !== null) return repair(context, deed, load)
    const file = options.text('recheck')
    const recheck = file === null ? null : readReport(file)
    if (args.length === 1)
      throw usage('one address has nothing to be compared with', 'Give two: antemortem verify URL URL.')
    const configuration = await context.config({ urls: args, needs: 'url' })
    const clusters = clustersOf(chosenClusters(configuration, options.text('cluster')), recheck, context)
    const [{ verifyCluster }, { exitOf }, { openStore }, { keepTold }] = await Promise.all([
      import('../../verify/run.ts'),
      import('../../verify/report.ts'),
      import('../../store/open.ts'),
      import('../verify/told.ts'),
    ])
    const store = await openStore(configuration.store, { clock: Date.now })
    const reports: VerifyReport[] = []
    try {
      for (const cluster of clusters) {
        if (signal.aborted) break
        context.progress(`looking at ${cluster.name}`)
        const globs = globsOf(options.text('table'), cluster)
        const report = await verifyCluster({
          cluster,
          isTwo: args.length === 2,
          globs,
          load: load ?? cluster.verify?.load ?? verifyLoad,
          fresh: options.flag('fresh'),
          recheck,
          store,
          clock: Date.now,
          signal,
          onTally: await teller(cluster.name, context),
        })
        const isAll = globs.length === 0 && recheck === null && !signal.aborted
        // Names that were made up of addresses may be those of another cluster's nodes.
        if (configuration.file !== null) await keepTold(store, report, { isAll })
        if (reports.length > 0) context.out.line()
        reports.push(report)
        await print(report, context)
      }
    } finally {
      await store.close()
    }
    if (signal.aborted) {
      context.note('interrupted: what was compared is kept, and the same command goes on from there')
      return 130
    }
    const codes = reports.map(exitOf)
    return codes.includes(1) ? 1 : codes.includes(3) ? 3 : 0
  },
})

/** Rows that differ are repaired by a plan; what differs is looked at anew for it. */
async function repair(context: CommandContext, deed: string, load: number | null): Promise<ExitCode> {
  const [{ repairRows }, { verifyCluster }] = await Promise.all([
    import('../verify/repair.ts'),
    import('../../verify/run.ts'),
  ])
  return repairRows(context, deed, async (cluster, store) =>
    verifyCluster({
      cluster,
      isTwo: false,
      globs: globsOf(context.options.text('table'), cluster),
      load: load ?? 1,
      fresh: true,
      recheck: null,
      store,
      clock: Date.now,
      signal: context.signal,
      onTally: await teller(cluster.name, context),
    }),
  )
}

function loadOf(text: string | null): number | null {
  if (text === null) return null
  const load = readQuantity(text, 'share')
  if (load !== null && load > 0) return load
  throw usage(
    `--max-load ${text.slice(0, 40)}: expected a share above 0 and up to 1`,
    'Such as 0.1 or 10%; 1 is as fast as possible.',
  )
}

function clustersOf(
  clusters: readonly ClusterConfig[],
  recheck: VerifyReport | null,
  { format }: CommandContext,
): readonly ClusterConfig[] {
  const meant = recheck === null ? clusters : clusters.filter(({ name }) => name === recheck.cluster)
  if (recheck !== null && meant.length === 0)
    throw usage(
      `the report is about cluster '${recheck.cluster.slice(0, 80)}'; there is ${clusters.map(({ name }) => name).join(', ')}`,
      'Give the configuration, or the addresses, that it was made with.',
    )
  if (meant.length > 1 && format === 'json')
    throw usage('a report is about one cluster, and the configuration has several', 'Name one with --cluster.')
  return meant
}

const globsOf = (table: string | null, { verify }: ClusterConfig): readonly string[] =>
  table === null ? (verify?.tables ?? []) : [table]

/** The progress line. */
async function teller(cluster: string, { progress }: CommandContext) {
  const { progressText } = await import('../../verify/print.ts')
  return (tally: Parameters<typeof progressText>[1]): void => progress(progressText(cluster, tally))
}

async function print(report: VerifyReport, { format, out, style, width }: CommandContext): Promise<void> {
  if (format === 'json') out.json((await import('../../shapes/verify.ts')).verifyReportJson(report))
  else {
    const { verifyText } = await import('../../verify/print.ts')
    for (const line of verifyText(report, style, width)) out.line(line)
  }
}

const usage = (message: string, hint: string): AntemortemError =>
  new AntemortemError('usage', `verify: ${message}`, hint, { exit: 2 })
