import { setTimeout as pause } from 'node:timers/promises'
import type { LabStep } from '../core/lab-step.ts'
import type { App } from '../lab/app/app.ts'
import type { Lab } from '../lab/lab.ts'

export interface Stage {
  readonly lab: Lab
  readonly app: App
  readonly signal: AbortSignal
  /** Statements that were begun and are still held open. */
  readonly held: Promise<unknown>[]
}

/** Carries out a drill's steps in order. What a `hold` keeps open ends by itself, and with the lab at the latest. */
export async function carrySteps(steps: readonly LabStep[], stage: Stage): Promise<void> {
  for (const step of steps) {
    stage.signal.throwIfAborted()
    await carryStep(step, stage)
  }
}

async function carryStep(step: LabStep, { lab, app, signal, held }: Stage): Promise<void> {
  switch (step.do) {
    case 'sql':
      await lab.rows(step.node, step.text, [], step.as ?? 'admin')
      return
    case 'hold': {
      const seconds = step.forMs / 1000
      // It outlives its step on purpose; whether it went well is asked when the drill is over.
      held.push(lab.rows(step.node, `begin; ${step.text}; select pg_sleep(${seconds}); rollback`))
      return
    }
    case 'release':
      await app.release(step.release)
      return
    case 'conf':
      lab.setConf(step.node, step.settings)
      lab.reload(step.node)
      return
    case 'restart':
      await lab.restart(step.node, signal)
      return
    case 'wait':
      await pause(step.ms, undefined, { signal })
  }
}
