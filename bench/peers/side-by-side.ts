import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { judge } from '../../src/drills/judge.ts'
import { clusterOf } from '../../src/drills/lab-cluster.ts'
import { readLogins } from '../../src/drills/logins.ts'
import { random } from '../../src/drills/random.ts'
import { drawScene, type Drill } from '../../src/drills/scene.ts'
import { openStage } from '../../src/drills/stage.ts'
import { carrySteps } from '../../src/drills/steps.ts'
import { authBlueprint } from '../../src/lab/auth.ts'
import type { Lab } from '../../src/lab/lab.ts'
import { startLab } from '../../src/lab/start-lab.ts'
import { startExporter, type Exporter } from '../../script/measuring/exporter.ts'
import { startWatch } from '../../script/measuring/stage.ts'
import { startCheckPostgres } from './check-postgres.ts'
import { startPrometheus, type Alert, type Peer } from './prometheus.ts'

/** Rates need some scrapes, and what is so from the start is no alert about the outage. */
const warmUpMs = 75_000
const watchedMs = 110_000
const lookMs = 250

/** An alert that was not there before the outage, and when it came. */
export interface Raised extends Alert {
  readonly afterMs: number
}

export interface Seen {
  readonly peer: string
  readonly raised: readonly Raised[]
  /** What it said while all was well. */
  readonly before: readonly Alert[]
}

/** One outage, and what each said of it; all times since the first step of its trigger. */
export interface SideBySide {
  readonly id: string
  readonly title: string
  readonly cause: string
  /** The application's first failure; null where it had none. */
  readonly harmMs: number | null
  readonly antemortem: {
    readonly alertedMs: number | null
    readonly alert: string | null
    readonly namedMs: number | null
    readonly cause: string | null
    readonly correct: boolean
  }
  readonly peers: readonly Seen[]
}

const keyOf = ({ name, node }: Alert): string => `${name} ${node}`

/** Asks a peer again and again what it says now. */
function listen(peer: Peer): { readonly outage: (atMs: number) => void; readonly seen: () => Promise<Seen> } {
  const ended = new AbortController()
  const before = new Map<string, Alert>()
  const raised = new Map<string, Raised>()
  let sinceMs: number | null = null
  const loop = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const asOfMs = sinceMs
      for (const alert of await peer.alerts()) {
        const key = keyOf(alert)
        // What began in health is no alert about the outage, whenever its rule speaks.
        if (asOfMs === null || (alert.sinceMs ?? asOfMs) < asOfMs) before.set(key, alert)
        else if (!before.has(key) && !raised.has(key)) raised.set(key, { ...alert, afterMs: Date.now() - asOfMs })
      }
      await sleep(lookMs, undefined, { signal: ended.signal }).catch(() => undefined)
    }
  }
  const running = loop()
  // Whoever asks what was seen hears of its failure.
  running.catch(() => undefined)
  return {
    outage: (atMs) => void (sinceMs = atMs),
    seen: async () => {
      ended.abort()
      await running
      return { peer: peer.name, raised: [...raised.values()], before: [...before.values()] }
    },
  }
}

/** It reads a view that PostgreSQL 17 has changed, and each of its failures is a rollback: a rule about those would always alert. */
const withoutBroken = ['--no-collector.bgwriter']

interface Peers {
  readonly peers: readonly Peer[]
  readonly close: () => Promise<void>
}

async function startPeers(lab: Lab): Promise<Peers> {
  const exporters: Exporter[] = []
  const peers: Peer[] = []
  const close = async (): Promise<void> =>
    void (await Promise.all([...peers, ...exporters].map(async (each) => each.close())))
  try {
    for (const { name } of lab.nodes) exporters.push(await startExporter(lab.url(name, 'watch'), withoutBroken))
    const scraped = lab.nodes.map(({ name }, n) => ({ node: name, port: exporters[n]?.port ?? 0 }))
    for (const everySeconds of [15, 1])
      peers.push(
        await startPrometheus({ dir: join(lab.dir, `prometheus-${everySeconds}`), everySeconds, exporters: scraped }),
      )
    const { database, logins } = lab.blueprint
    peers.push(
      await startCheckPostgres(
        lab.nodes.map(({ name, port }) => ({
          node: name,
          port,
          database,
          user: logins.watch,
          password: lab.password(logins.watch),
        })),
      ),
    )
    return { peers, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Re-enacts one outage while Antemortem and the others look at the same servers; nobody mends anything. */
export async function sideBySide(drill: Drill, seed: number): Promise<SideBySide> {
  const draw = random(seed)
  const scene = drawScene(draw, drill)
  const act = drill.act(scene, draw)
  await using lab = await startLab(authBlueprint({ names: scene.names }))
  const { signal } = new AbortController()
  await using stage = await openStage(lab, { scene, act, signal })
  const watching = await startWatch(clusterOf(lab, stage.app, scene.names, scene.reads))
  let started: Peers | null = null
  try {
    started = await startPeers(lab)
    const heard = started.peers.map(listen)
    await Promise.race([sleep(warmUpMs), watching.failed])
    const triggeredMs = Date.now()
    for (const each of heard) each.outage(triggeredMs)
    await carrySteps(act.trigger, stage)
    await Promise.race([sleep(Math.max(0, triggeredMs + watchedMs - Date.now())), watching.failed])
    const peers = await Promise.all(heard.map(async (each) => each.seen()))
    const { events, watch } = watching
    const judgement = judge({
      truth: act.truth,
      triggeredMs,
      events,
      logins: readLogins(stage.app.outcomes),
      diagnosis: watch.judged?.diagnosis ?? null,
    })
    const opened = events.find((event) => event.type === 'incident.opened' && event.atMs >= triggeredMs)
    return {
      id: drill.id,
      title: drill.title,
      cause: act.truth.cause,
      harmMs: judgement.harmMs === null ? null : judgement.harmMs - triggeredMs,
      antemortem: {
        alertedMs: opened ? opened.atMs - triggeredMs : null,
        alert: opened?.type === 'incident.opened' ? opened.title : null,
        namedMs: judgement.named.ms,
        cause: judgement.named.cause,
        correct: judgement.named.correct,
      },
      peers,
    }
  } finally {
    await started?.close()
    await watching.stop()
  }
}
