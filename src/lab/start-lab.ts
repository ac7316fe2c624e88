import { AntemortemError } from '../core/error.ts'
import { findBinaries } from './binaries.ts'
import { checkBlueprint, type Blueprint } from './blueprint.ts'
import { clearLabs } from './clear-labs.ts'
import { makeLabDirectory, temporaryDirectory } from './lab-directory.ts'
import { keep } from './keeper.ts'
import { Lab } from './lab.ts'
import { writeLabState, type LabNode, type LabState } from './lab-state.ts'
import { freePorts, isFree } from './ports.ts'
import { templateOf, type Template } from './template.ts'
import { release, use } from './template-use.ts'
import { layOut, startAll, stopAll } from './topology.ts'

export interface LabOptions {
  /**
   * New or empty; a temporary one where it is left out. It is removed with the lab. Where those who run the servers may not
   * pass to it, it becomes a link to a temporary one.
   */
  readonly dir?: string
  /** Only servers of this major version. */
  readonly major?: number
  readonly signal?: AbortSignal
  readonly progress?: (words: string) => void
  /** It stays when this process ends; `downLab` takes it away. */
  readonly detach?: boolean
}

/** Starts a topology, and returns when a row written on its primary reaches every other node. */
export async function startLab(blueprint: Blueprint, options: LabOptions = {}): Promise<Lab> {
  checkBlueprint(blueprint)
  const { signal, progress = () => undefined } = options
  const binaries = await findBinaries(options.major === undefined ? {} : { major: options.major })
  await clearLabs(temporaryDirectory())
  const template = await templateOf({ blueprint, binaries, signal, progress })
  progress('starting the lab')
  const place = makeLabDirectory(options.dir)
  const keeper = await keep(place)
  const state = (nodes: readonly LabNode[]): LabState => ({
    ...place,
    blueprint,
    binaries,
    template: template.directory,
    passwords: template.passwords,
    nodes,
    pid: process.pid,
    detached: options.detach ?? false,
  })
  const started = await startAtFreePorts(state, template, signal).catch(async (error: unknown) => {
    await keeper.clear()
    release(state([]))
    throw error
  })
  if (!started.detached) return new Lab(started, keeper)
  await keeper.release()
  return new Lab(started, null)
}

/** Between the look at a port and the server's own, somebody else may take it. */
async function startAtFreePorts(
  state: (nodes: readonly LabNode[]) => LabState,
  template: Template,
  signal?: AbortSignal,
): Promise<LabState> {
  for (let tries = 1; ; tries += 1) {
    const lab = state(await chooseNodes(state([])))
    writeLabState(lab)
    if (tries === 1) {
      use(lab)
      await layOut(lab, template, signal)
    }
    try {
      await startAll(lab, signal)
      return lab
    } catch (error) {
      await stopAll(lab, 'immediate')
      const taken = error instanceof AntemortemError && /could not (?:bind|create any TCP)/.test(error.message)
      if (!taken || tries === 3) throw error
    }
  }
}

async function chooseNodes({ blueprint, dir }: LabState): Promise<readonly LabNode[]> {
  const free = await freePorts(blueprint.nodes.length)
  return Promise.all(
    blueprint.nodes.map(async (node, n) => {
      if (node.port !== undefined && !(await isFree(node.port)))
        throw new AntemortemError(
          'lab-port-taken',
          `port ${node.port} of ${node.name} is taken`,
          'Choose another, or leave it out.',
        )
      return {
        name: node.name,
        role: node.role,
        host: '127.0.0.1' as const,
        port: node.port ?? free[n] ?? 0,
        database: blueprint.database,
        dataDir: `${dir}/${node.name}`,
        logFile: `${dir}/${node.name}.log`,
      }
    }),
  )
}
