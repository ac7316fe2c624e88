import { catalogue } from '../../src/cli/program.ts'
import type { ClusterConfig } from '../../src/core/configuration.ts'
import type { Event } from '../../src/core/event.ts'
import { clusterOf } from '../../src/drills/lab-cluster.ts'
import { random } from '../../src/drills/random.ts'
import { drawScene } from '../../src/drills/scene.ts'
import type { App } from '../../src/lab/app/app.ts'
import { startApp } from '../../src/lab/app/start-app.ts'
import { authBlueprint } from '../../src/lab/auth.ts'
import type { AuthNames } from '../../src/lab/auth-schema.ts'
import type { Lab } from '../../src/lab/lab.ts'
import { startLab } from '../../src/lab/start-lab.ts'
import { Watch } from '../../src/watch/watch.ts'

/** A lab and its application, with the same names every time. */
export interface Stage {
  readonly lab: Lab
  readonly app: App
  readonly names: AuthNames
  readonly cluster: ClusterConfig
}

/** All three nodes serve reads: that is what a watcher has most work with. */
export async function openStage(settings: Readonly<Record<string, string>>): Promise<Stage> {
  const { names, release } = drawScene(random(1))
  const lab = await startLab(authBlueprint({ names }))
  try {
    for (const { name } of lab.nodes) {
      lab.setConf(name, settings)
      lab.reload(name)
    }
    const app = await startApp(lab, { release, usersTable: names.usersTable })
    return {
      lab,
      app,
      names,
      cluster: clusterOf(
        lab,
        app,
        names,
        lab.nodes.map(({ name }) => name),
      ),
    }
  } catch (error) {
    await lab.close()
    throw error
  }
}

export interface Watching {
  readonly watch: Watch
  readonly events: readonly Event[]
  /** Rejects when the loop has; otherwise it never ends. */
  readonly failed: Promise<never>
  readonly stop: () => Promise<void>
}

/** The whole watch as the command runs it; its events are kept in memory. */
export async function startWatch(cluster: ClusterConfig): Promise<Watching> {
  const ended = new AbortController()
  const events: Event[] = []
  const watch = await Watch.open(cluster, {
    catalogue: catalogue({}),
    clock: Date.now,
    signal: ended.signal,
    append: async (bodies, atMs) =>
      bodies.map((body, n) => ({ ...body, seq: events.length + n + 1, atMs, cluster: cluster.name })),
    onEvent: (event) => events.push(event),
  })
  const running = watch.run()
  const failed = running.then(async () => new Promise<never>(() => undefined))
  // Whoever does not wait for it hears of it from `stop`.
  failed.catch(() => undefined)
  const stop = async (): Promise<void> => {
    ended.abort()
    try {
      await running
    } finally {
      await watch.close('measured')
    }
  }
  return { watch, events, failed, stop }
}
