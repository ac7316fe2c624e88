import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DrillResult } from '../core/drill.ts'
import { AntemortemError } from '../core/error.ts'
import type { GateVerdict } from '../core/gate.ts'
import { canonicalJson } from '../core/json.ts'
import { rewritten } from '../lab/app/rewrite.ts'
import { printEnv } from '../lab/app/settings.ts'
import { programBeside } from '../lab/child-program.ts'
import type { Artefact, Updater } from './artefact.ts'
import type { Answer, Gate, WrappedCommand } from './gate-doors.ts'
import { attemptOf, type Attempt } from './judge-gate.ts'
import type { DrillRun } from './run.ts'
import { openStage } from './stage.ts'
import type { Stage } from './steps.ts'

export interface Prevention {
  /** All that there is to it was tried. */
  readonly isWhole: boolean
  /** The change as it was made, through each door that it has. */
  readonly attempts: readonly Attempt[]
  /** The worst verdict on the change as it should have been; null where that was not tried, or could not be. */
  readonly corrected: GateVerdict | null
  readonly prevented: DrillResult['prevented']
  /** sha256 of all that was said. */
  readonly artefact: string
}

export interface PreventDeps {
  readonly gate: Gate
  readonly signal: AbortSignal
  readonly progress: (words: string) => void
  /** Through every door, and the change as it should have been as well; else until the first one that refuses it. */
  readonly isWhole: boolean
}

type Door = readonly [by: string, go: () => Promise<Answer>]

/**
 * The same change a second time, through the gate: in the drill's own lab as it was before the outage, with the application at work.
 * Null where the drill has no change that somebody could have held up.
 */
export async function prevent(
  { act, scene, lab }: Pick<DrillRun, 'act' | 'scene' | 'lab'>,
  { gate, signal, progress, isWhole }: PreventDeps,
): Promise<Prevention | null> {
  const { change } = act
  if (!change) return null
  progress('the servers are put back to where they were before')
  await lab.reset(signal)
  await using stage = await openStage(lab, { scene, act, signal })
  const attempts: Attempt[] = []
  const answers: Answer[] = []
  for (const [by, go] of doorsOf(change, 'asMade', stage, gate)) {
    progress(`the same change through ${by}`)
    const startedMs = performance.now()
    const answer = await answerOf(go, signal)
    const ms = Math.round(performance.now() - startedMs)
    attempts.push(attemptOf(by, answer, expectedBy(change, by), ms))
    if (!('failed' in answer)) answers.push(answer)
    if (!isWhole && attempts.at(-1)?.stopped === true) break
  }
  const verdicts: GateVerdict[] = []
  for (const [by, go] of isWhole ? doorsOf(change, 'corrected', stage, gate) : []) {
    progress(`the change as it should have been through ${by}`)
    const answer = await answerOf(go, signal)
    if (!('failed' in answer)) verdicts.push(answer.verdict)
  }
  const corrected = (['block', 'warn', 'pass'] as const).find((verdict) => verdicts.includes(verdict)) ?? null
  const first = attempts.find(({ stopped }) => stopped)
  // A gate that lets nothing through prevents nothing: it is taken down.
  const isShown = first !== undefined && corrected !== 'block'
  return {
    isWhole,
    attempts,
    corrected,
    prevented: isShown ? { by: `${first.by} (${first.rule ?? ''})`, ms: first.ms } : undefined,
    artefact: createHash('sha256')
      .update(canonicalJson([attempts, answers, verdicts]))
      .digest('hex'),
  }
}

/** What cannot be tried here is told, and stops nothing. */
async function answerOf(go: Door[1], signal: AbortSignal): Promise<Answer | { readonly failed: string }> {
  try {
    return await go()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AntemortemError) return { failed: error.message }
    throw error
  }
}

const expectedBy = (change: Artefact, by: string) =>
  change.is === 'command' ? change.expected : by === 'gate review' ? change.review : change.rehearse

/** In the order in which a team comes to them. */
function doorsOf(change: Artefact, which: 'asMade' | 'corrected', stage: Stage, gate: Gate): readonly Door[] {
  if (change.is === 'files')
    return [
      ['gate review', async () => gate.review(change[which])],
      ['gate rehearse', async () => gate.rehearse(change[which])],
    ]
  const by = change.inCopy ? 'gate --rehearse-with' : 'gate --'
  return [
    [by, async () => gate.wrap({ ...commandOf(change[which], stage), ...(!change.inCopy && { variable: null }) })],
  ]
}

/** Where an updater finds its database. */
const variable = 'DATABASE_URL'

/** As it would be typed in a shell. */
function commandOf(updater: Updater, { app, lab, proxies, closedPort }: Stage): WrappedCommand {
  const cwd = join(lab.dir, 'updater.files')
  mkdirSync(cwd, { recursive: true, mode: 0o700 })
  if (updater.does === 'sql') {
    const { node, statements } = updater
    const program = fileURLToPath(programBeside(import.meta.url, '../lab/run-sql'))
    const words = [process.execPath, program, ...statements]
    return { words, cwd, env: { [variable]: lab.url(node, 'admin') }, variable, node }
  }
  const name = app.instances[updater.instance - 1] ?? ''
  const env = app.env(name)
  const ports = { closed: closedPort, of: (node: string) => proxies?.port(node) ?? lab.node(node).port }
  const kept = Object.entries({ ...env, ...rewritten(env, updater, ports) }).filter(([, value]) => value !== null)
  const file = join(cwd, `${name}.env`)
  writeFileSync(file, printEnv(Object.fromEntries(kept.map(([key, value]) => [key, value ?? '']))), { mode: 0o600 })
  const old = app.envFiles[updater.instance - 1] ?? ''
  return { words: ['cp', file, old], cwd, env: {}, variable, node: lab.nodes[0]?.name ?? '' }
}
