import type { ClusterConfig } from '../core/configuration.ts'
import { AntemortemError } from '../core/error.ts'
import { readAddress, resolveUrl, type Address } from '../engines/postgres/index.ts'

/** Where the configuration says that a node is; null where it names none, or its address lies in a file that has gone. */
export function placeOf({ nodes }: Pick<ClusterConfig, 'nodes'>, name: string): Pick<Address, 'host' | 'port'> | null {
  const node = nodes.find((each) => each.name === name)
  try {
    return node ? readAddress(resolveUrl(node.url, name)) : null
  } catch (error) {
    if (error instanceof AntemortemError) return null
    throw error
  }
}
