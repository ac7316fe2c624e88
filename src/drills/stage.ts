import type { App } from '../lab/app/app.ts'
import { startApp } from '../lab/app/start-app.ts'
import type { Lab } from '../lab/lab.ts'
import { freePorts } from '../lab/ports.ts'
import { openProxies, type Proxies } from '../lab/proxy/proxies.ts'
import type { Act, Scene } from './scene.ts'
import { carryGroundSteps, type Ground, type Stage } from './steps.ts'

/** The lab as the drill wants it before anything happens, with the application at work. What steps leave running ends with it. */
export async function openStage(
  lab: Lab,
  { scene, act, signal }: { readonly scene: Scene; readonly act: Act; readonly signal: AbortSignal },
): Promise<Stage & AsyncDisposable> {
  const proxies = act.proxies ? await openProxies(lab.nodes) : null
  const ground: Ground = { lab, proxies, signal, running: [], closedPort: (await freePorts(1))[0] ?? 0 }
  try {
    await carryGroundSteps(act.setup ?? [], ground)
    const app = await startApp(lab, {
      reads: scene.reads,
      release: act.release ?? scene.release,
      usersTable: scene.names.usersTable,
      ...(proxies && { portOf: (node: string) => proxies.port(node) }),
    })
    return { ...ground, app, [Symbol.asyncDispose]: async () => close(ground, proxies, app) }
  } catch (error) {
    await close(ground, proxies, null)
    throw error
  }
}

async function close({ running }: Ground, proxies: Proxies | null, app: App | null): Promise<void> {
  await app?.stop()
  // A session whose server is gone ends badly, and it ends.
  await Promise.allSettled(running.map(async (one) => one.stop()))
  await proxies?.[Symbol.asyncDispose]()
}
