import type { ClusterConfig, ContractConfig } from '../core/configuration.ts'
import { AntemortemError } from '../core/error.ts'
import { readAddress, resolveUrl } from '../engines/postgres/index.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import { instanceOf } from './instance.ts'
import type { LayerVerdict } from './layer.ts'
import { readSettings } from './settings.ts'

interface TargetBase {
  readonly contract: string
  readonly instance: string
  readonly node: string
  /** `node`: the contract's login at the watcher's own address of the node. */
  readonly route: 'application' | 'node'
}

export interface UsableTarget extends TargetBase {
  readonly settings: ConnectionSettings
  readonly mustWrite: boolean
}

/** One connection that an application makes; with a problem where its settings cannot be read. */
export type ProbeTarget = UsableTarget | (TargetBase & { readonly problem: LayerVerdict })

export type ReadText = (file: string) => string

/** Every connection of a contract: each instance to the node that it must reach, and to each node that serves its reads. */
export function targetsOf(
  cluster: ClusterConfig,
  contract: ContractConfig,
  readText: ReadText,
): readonly ProbeTarget[] {
  assertNamed(contract)
  const targets: ProbeTarget[] = []
  const add = (base: Omit<TargetBase, 'contract'>, mustWrite: boolean, settings: () => ConnectionSettings): void => {
    const target = targetFrom({ contract: contract.name, ...base }, mustWrite, settings)
    // A route that is the main one again would only be the same connection twice.
    const isKnown = targets.some((other) => 'settings' in other && 'settings' in target && sameRoute(other, target))
    if (!isKnown) targets.push(target)
  }
  for (const { file, key } of contract.settings) {
    const instance = instanceOf(file)
    const own = (): ConnectionSettings => readSettings(readText(file), file, key)
    add({ instance, node: contract.node, route: 'application' }, !contract.readOnly, own)
    for (const read of contract.reads) {
      const base = { instance, node: read.node, route: 'application' } as const
      if (read.file !== null) continue
      if (read.key !== null) add(base, false, () => readSettings(readText(file), file, read.key))
      else add({ ...base, route: 'node' }, false, () => own().at(addressOf(cluster, read.node)))
    }
  }
  for (const { node, file, key } of contract.reads)
    if (file !== null)
      add({ instance: instanceOf(file), node, route: 'application' }, false, () =>
        readSettings(readText(file), file, key),
      )
  return targets
}

/** Two files of one name would be one instance in every result, and the failure of one would hide behind the other. */
function assertNamed({ name, settings }: ContractConfig): void {
  const files = [...new Set(settings.map(({ file }) => file))]
  const twin = files.find((file, n) => files.slice(0, n).some((other) => instanceOf(other) === instanceOf(file)))
  if (twin === undefined) return
  const same = files.filter((file) => instanceOf(file) === instanceOf(twin))
  throw new AntemortemError(
    'settings',
    `contract ${name}: ${same.join(' and ')} would both be the instance '${instanceOf(twin)}'`,
    'An instance is named by its settings file, or by the folder of a dot file: give one of them a link with another name.',
    { exit: 2 },
  )
}

const sameRoute = (a: UsableTarget, b: UsableTarget): boolean =>
  a.instance === b.instance && a.node === b.node && a.settings.sameAs(b.settings)

function targetFrom(base: TargetBase, mustWrite: boolean, settings: () => ConnectionSettings): ProbeTarget {
  try {
    const found = settings()
    // A standby's own login writes nothing, and is made to whomever it follows.
    return { ...base, settings: found, mustWrite: mustWrite && !found.source.isReplication }
  } catch (error) {
    if (error instanceof AntemortemError) return { ...base, problem: problemOf(error.code, error.message, error.hint) }
    if (error instanceof Error && 'code' in error && typeof error.code === 'string')
      return {
        ...base,
        problem: problemOf(
          error.code,
          `cannot read its settings: ${error.message}`,
          'Give this user read access to the file.',
        ),
      }
    throw error
  }
}

const problemOf = (code: string, message: string, remedy: string): LayerVerdict => ({
  layer: null,
  code,
  message,
  remedy,
})

function addressOf(cluster: ClusterConfig, name: string) {
  const node = cluster.nodes.find((each) => each.name === name)
  if (!node)
    throw new AntemortemError('settings', `cluster ${cluster.name} has no node ${name}`, 'Name one of its nodes.', {
      exit: 2,
    })
  return readAddress(resolveUrl(node.url, name))
}
