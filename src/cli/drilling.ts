import type { DrillResult } from '../core/drill.ts'
import { prevent, type Prevention } from '../drills/prevent.ts'
import type { Withheld } from '../drills/lab-cluster.ts'
import { runDrill, type DrillNews, type DrillRun } from '../drills/run.ts'
import type { Drill } from '../drills/scene.ts'
import { proofsOf } from '../proofs/from-drill.ts'
import type { Proof } from '../core/proof.ts'
import { gateForDrills } from './gate/for-drills.ts'
import { catalogue, catalogueDigest, program } from './program.ts'

export interface WholeDrill {
  readonly result: DrillResult
  readonly run: Omit<DrillRun, 'lab'>
  readonly prevention: Prevention | null
  readonly proofs: readonly Proof[]
}

export interface WholeDrillOptions {
  readonly signal: AbortSignal
  readonly onNews: (news: DrillNews) => void
  readonly progress: (words: string) => void
  /** The lab stays in this directory. */
  readonly keep?: string
  /** What the watcher is not given. Such a run proves nothing: guards are as they are configured. */
  readonly without?: readonly Withheld[]
  /**
   * `until-refused`: the drill's change is led through the gate until something refuses it, which proves nothing yet. `whole`: every way
   * is tried, and the same done right must not be refused.
   */
  readonly gate: 'none' | 'until-refused' | 'whole'
}

/** A drill from its lab to its proofs: the outage, the way back, and the same change again through the gate. */
export async function wholeDrill(drill: Drill, seed: number, options: WholeDrillOptions): Promise<WholeDrill> {
  try {
    return await carryThrough(drill, seed, options)
  } catch (error) {
    // Ctrl-C reaches the lab's processes as well: that they have ended is then no failure of its own.
    options.signal.throwIfAborted()
    throw error
  }
}

async function carryThrough(drill: Drill, seed: number, options: WholeDrillOptions): Promise<WholeDrill> {
  const { signal, onNews, progress } = options
  const { lab, ...run } = await runDrill(drill, seed, {
    catalogue: catalogue({}),
    program,
    digest: catalogueDigest(),
    clock: Date.now,
    signal,
    onNews,
    ...(options.keep !== undefined && { keep: options.keep }),
    ...(options.without !== undefined && { without: options.without }),
  })
  try {
    const prevention =
      options.gate === 'none'
        ? null
        : await prevent(
            { ...run, lab },
            {
              gate: gateForDrills({ cluster: run.cluster, dir: lab.dir, signal, progress }),
              signal,
              progress,
              isWhole: options.gate === 'whole',
            },
          )
    const result = {
      ...run.result,
      ...(prevention?.prevented && { prevented: prevention.prevented }),
      ...(prevention && { gate: prevention.attempts.map(({ finding: _, ...attempt }) => attempt) }),
      ...(prevention?.corrected && { corrected: prevention.corrected }),
    }
    const proofs = result.without ? [] : proofsOf({ drill, run, result, prevention }, Date.now(), program)
    return { result, run, prevention, proofs }
  } finally {
    if (options.keep === undefined) await lab.close()
  }
}
