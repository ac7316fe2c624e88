import type { Configuration } from '../core/configuration.ts'
import { AntemortemError } from '../core/error.ts'

export interface Lookups {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly canRead: (file: string) => boolean
}

/**
 * The addresses that a command is about to use, looked for before it starts: a variable that is not set is told with its line,
 * all of them at once. What they hold is read later, each time, so that a rotated secret is seen.
 */
export function assertAddresses(configuration: Configuration, which: 'url' | 'act', { env, canRead }: Lookups): void {
  const missing = configuration.clusters.flatMap((cluster) =>
    cluster.nodes.flatMap((node) => {
      const words = missingWords(node[which], { env, canRead })
      if (words === null) return []
      const path = `clusters.${cluster.name}.nodes.${node.name}.${which}`
      return [`${configuration.places?.[path] ?? node.name}: ${path}: ${words}`]
    }),
  )
  if (missing.length === 0) return
  const hint = 'Set it to the connection string of that node, e.g. postgres://antemortem@HOST:5432/DATABASE.'
  throw new AntemortemError('address-missing', missing.join('\n'), hint, { exit: 2 })
}

function missingWords(spec: string | null, { env, canRead }: Lookups): string | null {
  if (spec === null) return 'is missing: this command acts, and needs an address with a role that may'
  const variable = /^env:(.+)$/.exec(spec)?.[1]
  if (variable !== undefined && !env[variable]) return `the environment variable ${variable} is not set`
  const file = /^file:(.+)$/.exec(spec)?.[1]
  if (file !== undefined && !canRead(file)) return `cannot read ${file}`
  return null
}

/** Relative paths mean the folder of the file that names them, wherever the command is run. */
export function rebase(configuration: Configuration, resolve: (path: string) => string): Configuration {
  const path = (file: string | null): string | null => (file === null ? null : resolve(file))
  const inFile = (spec: string): string => (/^file:./.test(spec) ? `file:${resolve(spec.slice('file:'.length))}` : spec)
  return {
    ...configuration,
    postmortems: configuration.postmortems === null ? null : resolve(configuration.postmortems),
    store: configuration.store.replace(
      /^sqlite:(.+)$/,
      (_, path: string) => `sqlite:${path === ':memory:' ? path : resolve(path)}`,
    ),
    clusters: configuration.clusters.map((cluster) => ({
      ...cluster,
      nodes: cluster.nodes.map((node) => ({
        ...node,
        url: inFile(node.url),
        act: node.act === null ? null : inFile(node.act),
        host: node.host && { ...node.host, data: path(node.host.data), log: path(node.host.log) },
      })),
      contracts: cluster.contracts.map((contract) => ({
        ...contract,
        settings: contract.settings.map(({ file, key }) => ({ file: resolve(file), key })),
        reads: contract.reads.map((read) => ({ ...read, file: read.file === null ? null : resolve(read.file) })),
        outcomes: contract.outcomes === null ? null : resolve(contract.outcomes),
      })),
    })),
  }
}
