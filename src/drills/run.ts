import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig } from '../core/configuration.ts'
import type { Bundle } from '../core/diagnosis.ts'
import type { DrillResult } from '../core/drill.ts'
import { AntemortemError } from '../core/error.ts'
import type { Event } from '../core/event.ts'
import { canonicalJson } from '../core/json.ts'
import { bundle } from '../diagnosis/bundle.ts'
import { authBlueprint } from '../lab/auth.ts'
import type { Lab } from '../lab/lab.ts'
import { startLab } from '../lab/start-lab.ts'
import type { Catalogue } from '../watch/evaluate.ts'
import type { Judgement } from './judge.ts'
import { clusterOf, type Withheld } from './lab-cluster.ts'
import { failuresSince, readLogins, type Login } from './logins.ts'
import { decoySteps } from './noise.ts'
import { random } from './random.ts'
import { recover, type Recovery } from './recover/recover.ts'
import { drawScene, type Act, type Drill, type Scene } from './scene.ts'
import { openStage } from './stage.ts'
import { carrySteps } from './steps.ts'
import { openWatcher, type Watcher } from './watcher.ts'

/** What happens, for whoever watches a drill: the demo, and a terminal. */
export type DrillNews =
  | { readonly type: 'phase'; readonly phase: 'lab' | 'healthy' | 'trigger' | 'mend' | 'over'; readonly words: string }
  | { readonly type: 'event'; readonly event: Event }
  | { readonly type: 'step'; readonly words: string }
  /** The application's first failure after the trigger, as it reported it itself. */
  | { readonly type: 'harm'; readonly atMs: number; readonly node: string; readonly code: string }

export interface DrillDeps {
  readonly catalogue: Catalogue
  readonly program: string
  readonly digest: string
  readonly clock: () => number
  readonly signal: AbortSignal
  readonly onNews: (news: DrillNews) => void
  /** Directory of the lab, kept when the drill is over; a temporary one, removed, without it. */
  readonly keep?: string
  /** What the watcher is not given: never wrong, only less sure. */
  readonly without?: readonly Withheld[]
  /** What each further watcher of the same outage is not given. They decide nothing: the drill goes on by the first one. */
  readonly beside?: readonly (readonly Withheld[])[]
}

export interface DrillRun {
  readonly result: DrillResult
  readonly judgement: Judgement
  /** What those beside it said of the same outage, in the order in which they were asked for. */
  readonly beside: readonly Judgement[]
  readonly scene: Scene
  readonly act: Act
  readonly cluster: ClusterConfig
  readonly bundle: Bundle | null
  /** sha256 of the bundle: what proofs name. */
  readonly artefact: string | null
  /** Still running: whoever asked for the run closes it, or goes on with it. */
  readonly lab: Lab
}

const limits = {
  healthyMs: {
    default: 30_000,
    unit: 'ms',
    why: 'a first round, a band, a baseline and green contracts take some five seconds',
  },
  namedMs: { default: 15_000, unit: 'ms', why: 'a cause that is not named by then is not found' },
  quietMs: { default: 8_000, unit: 'ms', why: 'a false alarm comes within a few rounds, or not at all' },
  secondThoughtsMs: { default: 2_000, unit: 'ms', why: 'what was named right must stay so for two rounds' },
  besideMs: {
    default: 8_000,
    unit: 'ms',
    why: 'who is told nothing by the application notices by probes: a calm turn of five seconds, and three failures in a row',
  },
  least: { default: 30, unit: 'logins', why: 'what is usual is known after two seconds of work' },
} as const

/** Re-enacts one outage in a lab: healthy, trigger, named, mended. The lab is left running for what comes after. */
export async function runDrill(drill: Drill, seed: number, deps: DrillDeps): Promise<DrillRun> {
  const draw = random(seed)
  const scene = drawScene(draw, drill)
  const act = drill.act(scene, draw)
  const news = deps.onNews
  news({ type: 'phase', phase: 'lab', words: 'three real servers and an application are starting' })
  const lab = await startLab(authBlueprint({ names: scene.names }), {
    signal: deps.signal,
    ...(deps.keep !== undefined && { dir: deps.keep, detach: true }),
  })
  try {
    return await enact(drill, seed, scene, act, lab, deps)
  } catch (error) {
    await lab.close()
    throw error
  }
}

async function enact(drill: Drill, seed: number, scene: Scene, act: Act, lab: Lab, deps: DrillDeps): Promise<DrillRun> {
  const { clock } = deps
  const ended = new AbortController()
  const signal = AbortSignal.any([deps.signal, ended.signal])
  const { truth } = act
  await using stage = await openStage(lab, { scene, act, signal: deps.signal })
  const { app } = stage
  await using watching = new AsyncDisposableStack()
  const open = async (
    name: string,
    without: readonly Withheld[],
    onEvent: (event: Event) => void,
  ): Promise<Watcher> => {
    const cluster = clusterOf(lab, app, scene.names, scene.reads, without)
    const file = join(lab.dir, `${name}.db`)
    const opened = watching.use(await openWatcher(cluster, { file, catalogue: deps.catalogue, clock, signal, onEvent }))
    // All stop before the first is closed: nobody waits for another's last look.
    watching.defer(() => ended.abort())
    return opened
  }
  const first = await open('drill', deps.without ?? [], (event) => deps.onNews({ type: 'event', event }))
  const beside: Watcher[] = []
  for (const without of deps.beside ?? [])
    beside.push(await open(`drill-without-${without.join('-')}`, without, () => undefined))
  const all = [first, ...beside]
  const until = async (what: () => boolean, deadlineMs: number): Promise<boolean> =>
    Promise.race([waitUntil(what, deadlineMs, signal), ...all.map(async ({ failed }) => failed)])
  const isHealthy = (): boolean =>
    all.every((one) => one.isReady()) &&
    readLogins(app.outcomes).filter(({ code }) => code === 'ok').length >= limits.least.default
  if (!(await until(isHealthy, limits.healthyMs.default))) throw notHealthy(lab)
  deps.onNews({ type: 'phase', phase: 'healthy', words: 'all logins work; this is the last known good state' })
  await carrySteps([...scene.noise, ...decoySteps(scene.decoy, scene.names, act.release ?? scene.release)], stage)
  const triggeredMs = clock()
  deps.onNews({ type: 'phase', phase: 'trigger', words: drill.title })
  await carrySteps(act.trigger, stage)
  const said = (one: Watcher, logins: readonly Login[]): Judgement => one.judged({ truth, triggeredMs, logins })
  const isNothing = truth.cause === 'healthy' || truth.cause === 'unknown'
  if (isNothing) await until(() => false, act.quietMs ?? limits.quietMs.default)
  else {
    const isHurt = (): boolean => failuresSince(readLogins(app.outcomes), triggeredMs).length > 0
    await until(isHurt, limits.namedMs.default)
    const [harm] = failuresSince(readLogins(app.outcomes), triggeredMs)
    if (harm) deps.onNews({ type: 'harm', atMs: harm.atMs, node: harm.node, code: harm.code })
    await until(() => isNamed(said(first, readLogins(app.outcomes))), limits.namedMs.default)
  }
  // What the application suffered is told as of now: an outage may ease while those beside look on.
  const logins = readLogins(app.outcomes)
  if (!isNothing) {
    await until(() => beside.every((one) => isNamed(said(one, logins))), limits.besideMs.default)
    if (drill.kind !== 'outage') await until(() => false, limits.secondThoughtsMs.default)
  }
  const judgement = said(first, logins)
  const besides = beside.map((one) => said(one, logins))
  const { judged } = first.watch
  const taken = judged ? bundle(judged.case, deps.program, deps.digest) : null
  const artefact = taken === null ? null : createHash('sha256').update(canonicalJson(taken)).digest('hex')
  const { cluster, store, events } = first
  const recovery: Recovery | null =
    drill.kind === 'outage' && judgement.named.correct && judged !== null
      ? await recover({ judged, cluster, store, app, clock, signal: deps.signal, onNews: deps.onNews, until })
      : null
  if (recovery)
    await until(() => events.some(({ type, atMs }) => type === 'service.restored' && atMs >= triggeredMs), 10_000)
  deps.onNews({ type: 'phase', phase: 'over', words: 'the drill is over' })
  const result: DrillResult = {
    id: drill.id,
    title: drill.title,
    seed,
    original: drill.original,
    noticed: judgement.noticed,
    named: judgement.named,
    harm: judgement.harm,
    wronglyConfirmed: judgement.wronglyConfirmed,
    ...(deps.without && deps.without.length > 0 && { without: deps.without }),
    suspects: judgement.suspects,
    ...(recovery && { recovered: recovery }),
    proof: artefact,
  }
  return { result, judgement, beside: besides, scene, act, cluster, bundle: taken, artefact, lab }
}

const isNamed = ({ namedMs, harm }: Judgement): boolean => namedMs !== null && harm.happened

const notHealthy = (lab: Lab): AntemortemError =>
  new AntemortemError(
    'lab-not-healthy',
    `the lab in ${lab.dir} did not become healthy within ${limits.healthyMs.default / 1000} s`,
    'The machine may be too busy: try again, and look at the logs of the lab with --keep.',
  )

/** Looks twenty times a second: a drill's own deadlines are far longer. */
async function waitUntil(what: () => boolean, deadlineMs: number, signal: AbortSignal): Promise<boolean> {
  const end = performance.now() + deadlineMs
  while (!what()) {
    if (performance.now() >= end) return false
    await sleep(50, undefined, { signal })
  }
  return true
}
