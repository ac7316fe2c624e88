import { AntemortemError } from '../../core/error.ts'
import { fileErrors, fileErrorsRow } from '../../engines/postgres/ddl/footprint.ts'
import type { StartResult } from '../rehearsal.ts'
import type { Stage } from './stage.ts'

/**
 * Stops and starts every server: a setting that waits for the next start, an access rule that old connections do not meet,
 * a library that is not there. The primary first, so that nobody waits for his next try to reach it.
 */
export async function restartAll(stage: Stage): Promise<readonly StartResult[]> {
  const { lab, nodes, primary } = stage
  await Promise.all(nodes.map(async ({ name }) => lab.stop(name, 'fast')))
  const first = await start(stage, primary)
  const others = await Promise.all(
    nodes.filter(({ name }) => name !== primary).map(async ({ name }) => start(stage, name)),
  )
  return [first, ...others]
}

async function start({ lab, signal }: Stage, node: string): Promise<StartResult> {
  try {
    await lab.start(node, signal)
    const [row] = await lab.rows(node, fileErrors)
    return { node, failure: null, fileErrors: fileErrorsRow.parse(row).errors }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof AntemortemError)) throw error
    return { node, failure: lastWords(lab.log(node)) ?? error.message, fileErrors: [] }
  }
}

/** A standby may come up and end a moment later, so that its start proves nothing: asked again at the end. */
export const stillThere = (stage: Stage, starts: readonly StartResult[]): readonly StartResult[] =>
  starts.map((result) =>
    result.failure !== null || stage.lab.isRunning(result.node)
      ? result
      : { ...result, failure: lastWords(stage.lab.log(result.node)) ?? 'it ended by itself' },
  )

/** The last FATAL or PANIC of a log, without its time and process. */
const lastWords = (log: string): string | null =>
  log
    .trim()
    .split('\n')
    .flatMap((line) => /\b((?:FATAL|PANIC):.*)$/.exec(line)?.[1] ?? [])
    .at(-1) ?? null
