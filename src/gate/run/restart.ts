import { AntemortemError } from '../../core/error.ts'
import { fileErrors, fileErrorsRow } from '../../engines/postgres/ddl/footprint.ts'
import type { StartResult, StatementResult } from '../rehearsal.ts'
import type { Stage } from './stage.ts'
import { knockAgain, linkOf, withoutPlace } from './stage.ts'
import type { Target } from './targets.ts'

/** Nodes that the change does not speak of first; then the others, in the order in which it does. Pure. */
export const restartOrder = (nodes: readonly Target[], results: readonly StatementResult[]): readonly Target[] => {
  const named = new Set(results.map(({ node }) => node))
  return [
    ...nodes.filter(({ name }) => !named.has(name)),
    ...[...named].flatMap((name) => nodes.filter((node) => node.name === name)),
  ]
}

/**
 * Stops and starts one server after the other while the others run, and waits until they follow each other again: a setting
 * that waits for the next start, an access rule that old connections do not meet, a library that is not there. With the
 * primary every replication login has to connect anew.
 */
export async function restartOneByOne(
  stage: Stage,
  order: readonly Target[],
  follow: () => Promise<void>,
): Promise<readonly StartResult[]> {
  const asTheyRan = await Promise.all(order.map(async ({ name }) => ({ name, ...(await fileErrorsOn(stage, name)) })))
  const results: StartResult[] = []
  for (const [index, { name, role }] of order.entries()) {
    await stop(stage, name)
    const result = await start(stage, name)
    results.push(result)
    // The next one is restarted when this one's followers are there again; behind the last, the test rows wait.
    if (role === 'primary' && result.failure === null && index < order.length - 1) await follow()
  }
  // A line that is refused now keeps the server from starting: then it is no longer there to say so.
  return results.map((result) => ({
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

/** One that waits for somebody who does not answer any more is ended. */
async function stop({ lab, signal }: Stage, node: string): Promise<void> {
  try {
    await lab.stop(node, 'fast')
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof AntemortemError)) throw error
    await lab.stop(node, 'immediate')
  }
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
  await knockAgain(stage, node)
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
