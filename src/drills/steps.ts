import { setTimeout as pause } from 'node:timers/promises'
import type { LabStep } from '../core/lab-step.ts'
import { AntemortemError } from '../core/error.ts'
import type { App } from '../lab/app/app.ts'
import { rewritten } from '../lab/app/rewrite.ts'
import type { Lab } from '../lab/lab.ts'
import { startBurn, startPgload } from '../lab/load/load.ts'
import type { Proxies } from '../lab/proxy/proxies.ts'
import { hold, repeat, type Running } from './sessions.ts'

/** What steps about servers and the way to them work on. */
export interface Ground {
  readonly lab: Lab
  /** Null in a drill whose application reaches the servers directly. */
  readonly proxies: Proxies | null
  readonly signal: AbortSignal
  /** What steps have begun and left running; it ends with the drill. */
  readonly running: Running[]
  /** A port where nobody listens. */
  readonly closedPort: number
}

export interface Stage extends Ground {
  readonly app: App
}

type AppStep = Extract<LabStep, { readonly do: 'release' | 'passwords' | 'env' }>

/** A step that needs no application: one that can come before it starts. */
export type GroundStep = Exclude<LabStep, AppStep>

const isAppStep = (step: LabStep): step is AppStep => ['release', 'passwords', 'env'].includes(step.do)

/** Carries out a drill's steps in order. */
export async function carrySteps(steps: readonly LabStep[], stage: Stage): Promise<void> {
  for (const step of steps) {
    stage.signal.throwIfAborted()
    await (isAppStep(step) ? carryAppStep(step, stage) : carryGroundStep(step, stage))
  }
}

/** Those of them that come before the application. */
export async function carryGroundSteps(steps: readonly GroundStep[], ground: Ground): Promise<void> {
  for (const step of steps) {
    ground.signal.throwIfAborted()
    await carryGroundStep(step, ground)
  }
}

async function carryAppStep(step: AppStep, { app, lab, proxies, closedPort }: Stage): Promise<void> {
  switch (step.do) {
    case 'release':
      await app.release(step.release)
      return
    case 'passwords':
      await app.setPasswords(step)
      return
    case 'env': {
      const ports = { closed: closedPort, of: (node: string) => proxies?.port(node) ?? lab.node(node).port }
      const names = app.instances.filter((_, n) => step.instances?.includes(n + 1) ?? true)
      // One after the other, as an updater goes through its hosts.
      for (const name of names) await app.setEnv(name, rewritten(app.env(name), step, ports))
    }
  }
}

async function carryGroundStep(step: GroundStep, ground: Ground): Promise<void> {
  const { lab, proxies, signal, running } = ground
  switch (step.do) {
    case 'sql':
      await lab.rows(step.node, step.text, [], step.as ?? 'admin')
      return
    case 'hold':
      running.push(await hold(lab, step))
      return
    case 'repeat':
      running.push(await repeat(lab, step))
      return
    case 'conf':
      lab.setConf(step.node, step.settings)
      return
    case 'hba':
      lab.addAccessRules(step.node, step.lines, step.at)
      return
    case 'reload':
      lab.reload(step.node)
      return
    case 'restart':
      await lab.stop(step.node, 'fast')
      await start(step, ground)
      return
    case 'start':
      await start(step, ground)
      return
    case 'stop':
      await lab.stop(step.node, step.mode)
      return
    case 'kill':
      await lab.stop(step.node, 'kill')
      return
    case 'proxy':
      if (proxies === null) throw new Error('this drill has no proxies: its act must ask for them')
      await proxies.set(step.node, step.way)
      return
    case 'burn':
      running.push(startBurn(step.processes, step.forMs))
      return
    case 'pgload':
      running.push(startPgload(lab.url(step.node, 'app'), { ...step, table: 'orders' }))
      return
    case 'corrupt':
      await lab.damage(step.node, step.table, step, signal)
      return
    case 'wait':
      await pause(step.ms, undefined, { signal })
  }
}

async function start({ node, fails }: { readonly node: string; readonly fails?: true }, ground: Ground): Promise<void> {
  const { lab, signal } = ground
  if (!fails) {
    await lab.start(node, signal)
    return
  }
  try {
    await lab.start(node, signal)
  } catch (error) {
    if (error instanceof AntemortemError && error.code === 'lab-server-did-not-start') return
    throw error
  }
  throw new AntemortemError(
    'drill-not-enacted',
    `the server of ${node} started, and the drill is about a start that fails`,
    'Look at the log of the server with --keep.',
  )
}
