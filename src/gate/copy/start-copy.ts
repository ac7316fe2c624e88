import { AntemortemError } from '../../core/error.ts'
import type { Blueprint } from '../../lab/blueprint.ts'
import type { Lab } from '../../lab/lab.ts'
import type { LabOptions } from '../../lab/start-lab.ts'
import { startLab } from '../../lab/start-lab.ts'
import type { ClusterCopy } from './blueprint.ts'

export interface StartedCopy {
  readonly lab: Lab
  /** What the copy is otherwise than it was planned. */
  readonly notes: readonly string[]
}

/** With the version and the settings of production where they can be had here, else with what there is. */
export async function startCopy({ blueprint, major }: ClusterCopy, options: LabOptions): Promise<StartedCopy> {
  try {
    return { lab: await startLab(blueprint, { ...options, major }), notes: [] }
  } catch (error) {
    options.signal?.throwIfAborted()
    const code = error instanceof AntemortemError ? error.code : null
    if (code !== 'lab-no-postgres' && code !== 'lab-server-did-not-start') throw error
    const isOther = code === 'lab-no-postgres'
    // A server that did not start for another reason does not start without these settings either, and says so.
    const lab = await startLab(withoutSettings(blueprint), isOther ? options : { ...options, major })
    const why = isOther
      ? `PostgreSQL ${major}: its programs are not installed here, the copy ran another version, with that one's own settings`
      : 'settings of production: the copy does not start with them here (memory, most likely), and ran with its own'
    return { lab, notes: [why] }
  }
}

const withoutSettings = (blueprint: Blueprint): Blueprint => ({
  ...blueprint,
  nodes: blueprint.nodes.map((node) => ({ ...node, settings: {} })),
})
