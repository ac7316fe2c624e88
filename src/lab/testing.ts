import { authBlueprint } from './auth.ts'
import { blueprintKey, type Blueprint } from './blueprint.ts'
import type { Lab } from './lab.ts'
import { startLab } from './start-lab.ts'

interface Kept {
  readonly key: string
  readonly lab: Lab
}

// The test runner loads modules anew for a file now and then; the lab belongs to the worker.
const worker: typeof globalThis & { antemortemTestLab?: Kept | undefined } = globalThis

/**
 * This worker's lab, clean: as after `startLab`, at the price of a reset. Another blueprint than the last one replaces it.
 * Nobody closes it: it ends with the worker's process.
 */
export async function testLab(blueprint: Blueprint = authBlueprint()): Promise<Lab> {
  const key = `${blueprintKey(blueprint)} ${blueprint.nodes.map((node) => `${node.name}:${node.port}`).join(' ')}`
  const kept = worker.antemortemTestLab
  worker.antemortemTestLab = undefined
  const lab = kept?.key === key ? await resetOrNull(kept.lab) : null
  if (lab === null) await kept?.lab.close()
  const next = lab ?? (await startLab(blueprint))
  worker.antemortemTestLab = { key, lab: next }
  return next
}

/** A lab that the last test broke beyond its reset is replaced; what is wrong with resets, their own tests tell. */
async function resetOrNull(lab: Lab): Promise<Lab | null> {
  try {
    await lab.reset()
    return lab
  } catch (error) {
    console.error(`the lab in ${lab.dir} could not be reset, and is replaced:`, error)
    return null
  }
}
