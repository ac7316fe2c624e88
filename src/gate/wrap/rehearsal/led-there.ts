import type { ClusterConfig } from '../../../core/configuration.ts'
import { AntemortemError } from '../../../core/error.ts'
import { readSettingsText } from '../../../contracts/settings-files.ts'
import { targetsOf } from '../../../contracts/targets.ts'
import { libpqUrl } from '../../../contracts/dialect.ts'
import { readAddress, resolveUrl } from '../../../engines/postgres/index.ts'
import { wayFor, type Equipped } from './equip-lab.ts'
import { partOf } from './lab-way.ts'
import type { RehearseCommandOptions } from './rehearse-command.ts'
import { ledToLab } from './settings-copy.ts'

/** What leads a command to the copy. */
export interface LedThere {
  readonly env: Readonly<Record<string, string>>
  readonly files: readonly { readonly path: string; readonly text: string }[]
  readonly notes: readonly string[]
}

/** The variables that somebody named, and the settings files of all contracts, with the addresses of the copy. */
export async function ledThere(
  copy: Equipped,
  primary: string,
  options: Pick<RehearseCommandOptions, 'cluster' | 'substitutions' | 'command'>,
): Promise<LedThere> {
  const { lab } = copy
  const { cluster, substitutions, command } = options
  const env: Record<string, string> = {}
  for (const { variable, node, part } of substitutions) {
    const old = command.env[variable] ?? null
    const seen = old === null ? null : addressIn(old)
    const to = node ?? (seen && nodeAt(cluster, seen)) ?? primary
    if (!lab.nodes.some(({ name }) => name === to)) throw notCopied(to)
    env[variable] = partOf(await wayFor(copy, to, seen?.user ?? loginOf(cluster)), part, old)
  }
  return { env, ...(await settingsFiles(copy, cluster)) }
}

async function settingsFiles(copy: Equipped, cluster: ClusterConfig): Promise<Pick<LedThere, 'files' | 'notes'>> {
  const texts = new Map<string, string>()
  const notes: string[] = []
  for (const contract of cluster.contracts)
    for (const target of targetsOf(cluster, contract, readSettingsText)) {
      if (target.route !== 'application') continue
      if ('problem' in target) {
        notes.push(`a settings file was not led to the copy: ${target.problem.message}`)
        continue
      }
      const { file, key, keys } = target.settings.source
      if (!copy.lab.nodes.some(({ name }) => name === target.node)) {
        notes.push(`${keys.join(', ')} of ${file} lead to ${target.node}, which is not in the copy`)
        continue
      }
      const way = await wayFor(copy, target.node, target.settings.user)
      texts.set(file, ledToLab(texts.get(file) ?? readSettingsText(file), { file, key }, way))
    }
  return { files: [...texts].map(([path, text]) => ({ path, text })), notes }
}

interface Seen {
  readonly host: string
  readonly port: number
  readonly user: string
}

function addressIn(value: string): Seen | null {
  const url = libpqUrl(value)
  if (url === null) return null
  try {
    return readAddress(url)
  } catch (error) {
    if (error instanceof AntemortemError) return null
    throw error
  }
}

/** The node to which an address leads. */
function nodeAt(cluster: ClusterConfig, { host, port }: Seen): string | null {
  const same = cluster.nodes.find(({ name, url }) => {
    const address = readAddress(resolveUrl(url, name))
    return address.host === host && address.port === port
  })
  return same?.name ?? null
}

/** Where a variable says nothing of it, the application's own login is the likeliest. */
function loginOf(cluster: ClusterConfig): string | null {
  const targets = cluster.contracts.flatMap((contract) => targetsOf(cluster, contract, readSettingsText))
  return targets.flatMap((target) => ('settings' in target ? [target.settings.user] : []))[0] ?? null
}

const notCopied = (node: string): AntemortemError =>
  new AntemortemError(
    'usage',
    `gate: --rehearse-with: ${node} is not in the copy`,
    'Name the primary or what follows it.',
    {
      exit: 2,
    },
  )
