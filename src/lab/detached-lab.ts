import { resolve } from 'node:path'
import { Lab } from './lab.ts'
import { readLabState } from './lab-state.ts'

/** A lab that another process started. It is not ours: it stays when we end. */
export function attachLab(dir: string): Lab {
  return new Lab(readLabState(resolve(dir)), null)
}

/** Stops a lab, whoever started it, and removes its directory. */
export async function downLab(dir: string): Promise<void> {
  await attachLab(dir).close()
}
