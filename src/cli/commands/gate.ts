import { randomUUID } from 'node:crypto'
import type { ExitCode } from '../../core/error.ts'
import { severities } from '../../core/severity.ts'
import { readAllowed } from '../../gate/allow.ts'
import { printWrapped } from '../../gate/wrap/print.ts'
import { readSubstitutions } from '../../gate/wrap/rehearsal/substitutions.ts'
import type { WrapReport } from '../../gate/wrap/report.ts'
import { wrap } from '../../gate/wrap/wrap.ts'
import { planDirectory } from '../../repair/rows/files.ts'
import { changeJson } from '../../shapes/change.ts'
import { gateReportJson } from '../../shapes/gate.ts'
import { openStore } from '../../store/open.ts'
import { oneCluster, servingNodes } from '../clusters.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { keepGood } from '../gate/keep-good.ts'
import { lookAll } from '../gate/look-all.ts'
import { failOnOf } from '../fail-on.ts'

/** An hour: a migration that needs longer says so. */
const defaultTimeout = '1h'

/** Runs any updater between two looks at the whole cluster, and says what it changed and what that breaks. */
export default defineCommand({
  name: 'gate',
  summary: 'run an updater between two looks: what it changed, what nobody declared, what that breaks',
  arguments: [{ name: '<command...>', summary: 'behind --, as in a shell; gate rehearse FILE is another command' }],
  options: [
    { flags: '--cluster <name>', summary: 'the cluster that the command changes' },
    {
      flags: '--allow <what...>',
      summary:
        'a declared change, e.g. schema:public.users or files:.env; schema, settings, roles, access, topology, software, files, data',
    },
    {
      flags: '--rehearse-with <env...>',
      summary: 'run it in a copy first: DATABASE_URL, or DATABASE_URL=primary, or DB_PORT=primary.port, leads it there',
    },
    { flags: '--timeout <duration>', summary: 'after this long the command is ended', default: defaultTimeout },
    { flags: '--no-restore', summary: 'leaves settings files as the command has written them' },
    {
      flags: '--fail-on <severity>',
      summary: 'from this severity on the gate says no',
      choices: severities,
      default: 'error',
    },
  ],
  example: 'antemortem gate --allow schema:public.users -- npm run migrate',
  formats: ['text', 'json'],
  wraps: true,
  async run(context) {
    const { options } = context
    const allowed = readAllowed(options.list('allow'))
    const timeoutMs = options.duration('timeout') ?? 0
    const configuration = await context.config({ needs: 'url' })
    const cluster = oneCluster(configuration, options.text('cluster'))
    const store = await openStore(configuration.store, { clock: Date.now })
    try {
      const report = await wrap({
        cluster,
        id: `gate-${randomUUID().slice(0, 8)}`,
        command: {
          words: context.args,
          cwd: context.cwd,
          env: process.env,
          // A document on stdout stays one document.
          output: context.format === 'json' ? 'stderr' : 'inherit',
          timeoutMs,
        },
        allowed,
        substitutions: readSubstitutions(
          options.list('rehearse-with'),
          cluster.nodes.map(({ name }) => name),
        ),
        serving: servingNodes(cluster),
        mayRestore: options.flag('restore'),
        failOn: failOnOf(options),
        directory: planDirectory(configuration.store, context.cwd),
        store,
        look: async (signal) => lookAll(cluster, configuration, signal),
        signal: context.signal,
        progress: context.progress,
      })
      if (report.good !== null) await keepGood(store, cluster, report.good)
      print(report, context)
      return exitOf(report)
    } finally {
      await store.close()
    }
  },
})

function print(report: WrapReport, { format, out, style, width }: CommandContext): void {
  if (format === 'json')
    out.json({
      ...gateReportJson(report),
      declared: report.declared.map(changeJson),
      restored: report.restored,
      notes: report.notes,
      not_seen: report.notSeen,
      last_known_good: report.good !== null,
      took_ms: Math.round(report.tookMs),
    })
  else {
    for (const line of printWrapped(report, { style, width })) out.line(line)
    if (report.good !== null) out.line(style.faint('This state is the last known good from now on.'))
  }
}

/** The command's own failure, and what a person must look at, come before the verdict. */
const exitOf = ({ stage, commandExit, needsPerson, verdict }: WrapReport): ExitCode =>
  (stage !== 'rehearse' && commandExit !== 0) || needsPerson ? 4 : verdict === 'block' ? 1 : 0
