import { existsSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import type { ClusterConfig, ContractConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import { severities } from '../../core/severity.ts'
import { filesUnder, readChangeTexts } from '../../gate/change/review-files.ts'
import { changedSince } from '../../gate/change/since.ts'
import { meantAmong } from '../../gate/change/taken-settings.ts'
import { readsOnlyIn, settingsFilesOf } from '../../gate/files/contract-files.ts'
import type { ReviewFile } from '../../gate/review/read/read-files.ts'
import { chosenClusters } from '../clusters.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { reviewReportJson } from '../../shapes/review.ts'
import { failOnOf } from '../fail-on.ts'

/** Static review of a change: what its text says, and what the cluster adds to that where one is configured. */
export default defineCommand({
  name: 'gate review',
  summary: 'read a change, and say what of it stops or silently breaks replication',
  arguments: [{ name: '[files...]', summary: 'SQL, postgresql.conf, pg_hba.conf, .env; or directories of migrations' }],
  options: [
    {
      flags: '--since <ref>',
      summary: 'only what this branch adds to a commit or branch of git, settings files included',
    },
    { flags: '--cluster <name>', summary: 'the cluster that the change is for' },
    { flags: '--text-only', summary: 'the text alone, even where a cluster is configured' },
    {
      flags: '--fail-on <severity>',
      summary: 'from this severity on the change is refused',
      choices: severities,
      default: 'error',
    },
  ],
  example: 'antemortem gate review migrations/0007_split_credentials.sql',
  formats: ['text', 'json', 'sarif'],
  async run(context) {
    const startedMs = performance.now()
    const { options, args, format, out, style, width, signal, progress, cwd } = context
    if (args.length === 0 && options.text('since') === null)
      throw new AntemortemError('usage', 'gate review: no file', 'Name files or directories, or use --since REF.', {
        exit: 2,
      })
    const { cluster, contracts } = await configured(context)
    const files = await filesOf(context, contracts)
    const [{ review }, { printReview }, { contractLogins }] = await Promise.all([
      import('../../gate/review/review.ts'),
      import('../../gate/review/print.ts'),
      import('../gate/contract-logins.ts'),
    ])
    const report = await review({
      files,
      cluster,
      ...(cluster === null ? { logins: [], unread: [] } : contractLogins(cluster)),
      failOn: failOnOf(options),
      today: new Date().toISOString().slice(0, 10),
      signal,
      progress,
    })
    const since = options.text('since')
    const change = [...args, ...(since === null ? [] : [`what is new since ${since}`])].join(', ')
    if (format === 'json')
      out.json(reviewReportJson(report, { change, tookMs: Math.round(performance.now() - startedMs) }))
    else if (format === 'sarif') out.json((await import('../gate/review-sarif.ts')).reviewSarif(report, cwd))
    else for (const line of printReview(report, { style, width, change })) out.line(line)
    if (report.verdict === 'block') return 1
    return report.blind.length > 0 ? 3 : 0
  },
})

async function filesOf(
  { args, options, cwd }: CommandContext,
  contracts: readonly ContractConfig[],
): Promise<readonly ReviewFile[]> {
  const named = settingsFilesOf(contracts)
  const among = meantAmong(named)
  const ref = options.text('since')
  if (ref !== null) {
    const missing = args.find((name) => !existsSync(resolve(cwd, name)))
    // A folder that is spelt wrong would pass for ever.
    if (missing !== undefined)
      throw new AntemortemError(
        'change-unreadable',
        `${missing}: there is no such file`,
        'Name files or directories of migrations.',
        { exit: 2 },
      )
    const changed = await changedSince(ref, cwd, args, named)
    const texts = readChangeTexts(changed.map(({ path }) => path))
    return changed.map(({ path, before, taken }, n) => ({
      name: relative(cwd, path),
      text: texts[n] ?? '',
      before,
      taken,
      readsOnly: readsOnlyIn(contracts, among(path)),
    }))
  }
  const shown = (path: string): string => (args.some(isAbsolute) ? path : relative(cwd, path))
  const paths = [...new Set(args.flatMap((name) => filesUnder(resolve(cwd, name))))]
  const texts = readChangeTexts(paths)
  const files = paths.map((path, n): ReviewFile => ({
    name: shown(path),
    text: texts[n] ?? '',
    before: null,
    taken: among(path).length > 0 ? 'contract' : 'change',
    readsOnly: readsOnlyIn(contracts, among(path)),
  }))
  if (files.every(({ text }) => text.trim() === ''))
    throw new AntemortemError(
      'change-empty',
      `${args.join(', ')}: there is nothing in it to review`,
      'Name a file with SQL or settings; of migrations that are programs, the SQL that they print, or put the gate around their command: antemortem gate -- COMMAND.',
      { exit: 2 },
    )
  return files
}

interface Configured {
  /** null: the text alone. */
  readonly cluster: ClusterConfig | null
  readonly contracts: readonly ContractConfig[]
}

/** What the configuration says, where there is one. */
async function configured({ options, configFile, config, note }: CommandContext): Promise<Configured> {
  const name = options.text('cluster')
  const isDefault = configFile.shown === 'antemortem.yaml' && !existsSync(configFile.path)
  if (options.flag('text-only') || (isDefault && name === null)) return { cluster: null, contracts: [] }
  const clusters = chosenClusters(await config({ needs: 'url' }), name)
  const contracts = clusters.flatMap((each) => each.contracts)
  const [cluster, ...others] = clusters
  if (others.length === 0) return { cluster: cluster ?? null, contracts }
  note('the configuration has several clusters: the text alone is reviewed; name one with --cluster')
  return { cluster: null, contracts }
}
