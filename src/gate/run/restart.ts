import { AntemortemError } from '../../core/error.ts'
import { fileErrors, fileErrorsRow } from '../../engines/postgres/ddl/footprint.ts'
import type { StartResult } from '../rehearsal.ts'
import type { Stage } from './stage.ts'
import { linkOf } from './stage.ts'
import { withoutPlace } from './statement-runner.ts'

/**
 * Stops and starts every server: a setting that waits for the next start, an access rule that old connections do not meet,
 * a library that is not there. The primary first, so that nobody waits for his next try to reach it.
 */
export async function restartAll(stage: Stage): Promise<readonly StartResult[]> {
  const { lab, nodes, primary } = stage
  const asTheyRan = await Promise.all(nodes.map(async ({ name }) => ({ name, ...(await fileErrorsOn(stage, name)) })))
  await Promise.all(nodes.map(async ({ name }) => lab.stop(name, 'fast')))
  const first = await start(stage, primary)
  const others = await Promise.all(
    nodes.filter(({ name }) => name !== primary).map(async ({ name }) => start(stage, name)),
  )
  // A line that is refused now keeps the server from starting: then it is no longer there to say so.
  return [first, ...others].map((result) => ({
    ...result,
    fileErrors: [
      ...new Set([
        ...result.fileErrors,
        // What only waits for the restart is said in the same words as what is wrong.
        ...(asTheyRan.find(({ name }) => name === result.node)?.fileErrors ?? []).filter(
          (words) => !words.endsWith('setting could not be applied'),
        ),
      ]),
    ],
  }))
}

async function start(stage: Stage, node: string): Promise<StartResult> {
  const { lab, signal } = stage
  try {
    await lab.start(node, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof AntemortemError)) throw error
    return { node, failure: lastWords(lab.log(node)) ?? error.message, refuses: null, fileErrors: [] }
  }
  return { node, failure: null, ...(await fileErrorsOn(stage, node)) }
}

/** What the server could not take from its files; through a new session, which may be refused as well. */
async function fileErrorsOn(stage: Stage, node: string): Promise<Pick<StartResult, 'refuses' | 'fileErrors'>> {
  const { signal } = stage
  const reached = await linkOf(stage, node).reach(signal)
  if (!reached.ok) return { refuses: withoutPlace(reached.failure.message), fileErrors: [] }
  const answer = await reached.reader.session.run({ text: fileErrors }, { signal, deadlineMs: 5000 })
  if (!answer.ok) return { refuses: withoutPlace(answer.failure.message), fileErrors: [] }
  return { refuses: null, fileErrors: fileErrorsRow.parse(answer.rows[0]).errors }
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
