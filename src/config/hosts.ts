import type { HostConfig } from '../core/configuration.ts'
import type { YamlDocument } from './document.ts'
import { pathText, type Problem } from './problem.ts'
import type { HostShape } from './schema.ts'

/** Where a node's server runs: on this host with its paths, or behind ssh, where the other side knows them itself. */
export function readHost(
  shape: HostShape | undefined,
  path: readonly PropertyKey[],
  document: YamlDocument,
): { readonly host: HostConfig | null; readonly problems: readonly Problem[] } {
  if (!shape) return { host: null, problems: [] }
  const problems: Problem[] = []
  const complain = (key: readonly PropertyKey[], message: string): void => {
    problems.push({ ...document.placeOf([...path, ...key]), path: pathText([...path, ...key]), message })
  }
  const { local = false, data = null, log = null, ssh = null } = shape
  if (local === (ssh !== null)) complain([], 'expected either `local: true` or `ssh: USER@HOST`')
  else if (local && data === null) complain([], '`local: true` needs `data`, the data directory of the server')
  for (const key of ['data', 'log'] as const)
    if (ssh !== null && shape[key] !== undefined)
      complain([key], 'behind ssh this stands in the forced command in authorized_keys of that host; take it out')
  return { host: { ssh, data, log }, problems }
}
