import { createHash } from 'node:crypto'
import { AntemortemError } from '../../core/error.ts'
import { severities } from '../../core/severity.ts'
import type { RehearsalReport, RehearseOptions } from '../../gate/rehearse.ts'
import { gateReportJson } from '../../shapes/gate.ts'
import { openStore } from '../../store/open.ts'
import type { Store } from '../../store/store.ts'
import { oneCluster, servingNodes } from '../clusters.ts'
import type { SampleWish } from '../../gate/sample/choose.ts'
import { defineCommand, type Options } from '../command.ts'
import { readChangeFiles } from '../change-files.ts'
import { failOnOf } from '../fail-on.ts'

/** Runs a change on a throw-away copy of the real topology. The cluster itself is only read. */
export default defineCommand({
  name: 'gate rehearse',
  summary: 'run a change on a copy of the topology, and say what it would break',
  arguments: [
    {
      name: '<files...>',
      summary:
        'SQL, postgresql.conf, pg_hba.conf; `antemortem:on NODE` in a comment says which node the following is for',
    },
  ],
  options: [
    { flags: '--cluster <name>', summary: 'the cluster that the change is for' },
    {
      flags: '--fail-on <severity>',
      summary: 'from this severity on the change is refused',
      choices: severities,
      default: 'error',
    },
    { flags: '--keep <dir>', summary: 'leave the copy running in this directory, with the change in it' },
    { flags: '--sample', summary: 'copy up to 100 REAL ROWS of each table of the change from production, masked' },
    { flags: '--mask <columns...>', summary: 'with --sample: mask schema.table.column as well' },
    {
      flags: '--unmask <columns...>',
      summary: 'with --sample: leave schema.table.column as it is, whatever its name sounds like',
    },
  ],
  example: 'antemortem gate rehearse migrations/0007_split_credentials.sql',
  formats: ['text', 'json'],
  async run(context) {
    const files = readChangeFiles(context.args, 'Name a file with SQL.')
    const configuration = await context.config({ needs: 'url' })
    const cluster = oneCluster(configuration, context.options.text('cluster'))
    const { printRehearsal } = await import('../../gate/print.ts')
    const failOn = failOnOf(context.options)
    const keep = context.options.text('keep')
    const sample = sampleOf(context.options)
    const serving = servingNodes(cluster)
    const report = await kept(
      {
        cluster,
        files,
        serving,
        signal: context.signal,
        progress: context.progress,
        failOn,
        ...(keep !== null && { keep }),
        ...(sample !== null && { sample }),
      },
      configuration.store,
    )
    if (context.format === 'json')
      context.out.json({
        ...gateReportJson(report),
        not_rehearsed: report.notRehearsed,
        notes: report.notes,
        way_back: { words: report.wayBack.words, steps: report.wayBack.steps },
        kept: report.kept,
        sample: report.sample,
        took_ms: Math.round(report.tookMs),
      })
    else
      for (const line of printRehearsal(report, { style: context.style, width: context.width })) context.out.line(line)
    return report.verdict === 'block' ? 1 : 0
  },
})

function sampleOf(options: Options): SampleWish | null {
  const [mask, unmask] = [options.list('mask'), options.list('unmask')]
  if (options.flag('sample')) return { mask, unmask }
  if (mask.length === 0 && unmask.length === 0) return null
  const hint = 'Give --sample as well, or leave them out.'
  throw new AntemortemError('usage', '--mask and --unmask speak of the rows of --sample', hint, { exit: 2 })
}

/** What came of it is kept: `gate apply` needs no second rehearsal of the same change on the same cluster. */
async function kept(options: RehearseOptions, url: string): Promise<RehearsalReport> {
  const [{ rehearseAndKeep }, { GateRecords }] = await Promise.all([
    import('../../gate/apply/rehearsed.ts'),
    import('../../gate/apply/kept.ts'),
  ])
  const opened: Promise<Store>[] = []
  const store = async (): Promise<Store> => {
    const [known] = opened
    if (known) return known
    const opening = openStore(url, { clock: Date.now })
    opened.push(opening)
    return opening
  }
  const records = new GateRecords(
    {
      saveRecord: async (...record) => (await store()).saveRecord(...record),
      record: async (...name) => (await store()).record(...name),
      forgetRecord: async (...name) => (await store()).forgetRecord(...name),
    },
    Date.now,
  )
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
  // A change that is refused as it is read leaves nothing; one that could not be kept is told before it is rehearsed.
  const understood = async (): Promise<void> => void (await store())
  try {
    return (await rehearseAndKeep({ ...options, understood }, { records, digest })).report
  } finally {
    for (const one of opened) await (await one).close()
  }
}
