import { readdirSync, readFileSync, type Dirent } from 'node:fs'
import { join } from 'node:path'
import { readEnv } from '../../contracts/env-file.ts'
import { formatOf } from '../../contracts/formats/formats.ts'
import { instanceOf } from '../../contracts/instance.ts'
import { readSettings } from '../../contracts/settings.ts'
import { AntemortemError } from '../../core/error.ts'
import type { Address } from '../../engines/postgres/index.ts'

/** An application's settings file that names a database of ours. */
export interface NearbyFile {
  /** Relative to where it was looked for. */
  readonly file: string
  /** null: the connection that the file's own rules find. */
  readonly key: string | null
  readonly node: string
  /** Its other keys that lead to a node of ours. */
  readonly reads: Readonly<Record<string, string>>
}

export interface KnownNode {
  readonly name: string
  readonly address: Pick<Address, 'host' | 'port' | 'database'>
}

const deepest = 2
const mostEntries = 5_000
const skipped = new Set(['node_modules', '.git', '.hg', '.svn', 'vendor', 'dist', 'build', '.venv', 'target'])
const isExample = /example|sample|template|dist/i
/** Other programs' files have names as common as `.json`: only those that are surely settings are opened. */
const settingsName =
  /^\.env(?:\..*)?$|\.env$|^(?:wp-config\.php|database\.ya?ml|appsettings(?:\.\w+)?\.json|application(?:-\w+)?\.properties|pgbouncer\.ini)$/i

/** Looks for settings files in a folder and two levels below it. What cannot be read is passed over: it is not ours. */
export function settingsNearby(folder: string, nodes: readonly KnownNode[]): readonly NearbyFile[] {
  const files = filesIn(folder, '', deepest, { left: mostEntries })
  const found = files.flatMap((file) => readNearby(folder, file, nodes))
  // Two files of one instance would be a configuration error.
  return found.filter((one, n) => !found.slice(0, n).some((other) => nameOf(folder, other) === nameOf(folder, one)))
}

const nameOf = (folder: string, { file }: NearbyFile): string => instanceOf(join(folder, file))

function filesIn(root: string, path: string, depth: number, budget: { left: number }): readonly string[] {
  const entries = entriesOf(join(root, path)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    budget.left -= 1
    if (budget.left < 0) return []
    const inside = join(path, entry.name)
    if (entry.isFile()) return settingsName.test(entry.name) && !isExample.test(entry.name) ? [inside] : []
    return entry.isDirectory() && depth > 0 && !skipped.has(entry.name) ? filesIn(root, inside, depth - 1, budget) : []
  })
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error) return []
    throw error
  }
}

function readNearby(folder: string, file: string, nodes: readonly KnownNode[]): readonly NearbyFile[] {
  const text = textOf(join(folder, file))
  if (text === null) return []
  const own = nodeOf(text, file, null, nodes)
  const isEnv = formatOf(file).name === '.env'
  const entries = isEnv ? [...readEnv(text)] : []
  const keys = entries.filter(([, { value }]) => /^\w+(?:[:+]\w+)*:\/\//.test(value)).map(([key]) => key)
  const leads = keys.flatMap((key) => {
    const node = nodeOf(text, file, key, nodes)
    return node === null ? [] : [{ key, node }]
  })
  const [first] = leads
  const node = own ?? first?.node
  if (node === undefined) return []
  const key = own === null ? (first?.key ?? null) : null
  const others = leads.filter((lead) => lead.node !== node)
  return [{ file, key, node, reads: Object.fromEntries(others.map((lead) => [lead.node, lead.key])) }]
}

function textOf(file: string): string | null {
  try {
    const text = readFileSync(file, 'utf8')
    return text.length > 200_000 ? null : text
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null
    throw error
  }
}

function nodeOf(text: string, file: string, key: string | null, nodes: readonly KnownNode[]): string | null {
  try {
    const address = readSettings(text, file, key).address()
    const places = [address, ...address.others]
    const leads = ({ address: own }: KnownNode): boolean =>
      own.database === address.database &&
      places.some(({ host, port }) => sameHost(host, own.host) && port === own.port)
    return nodes.find(leads)?.name ?? null
  } catch (error) {
    if (error instanceof AntemortemError) return null
    throw error
  }
}

/** This host has several names, and an application seldom uses the one that we were given. */
const sameHost = (one: string, other: string): boolean => one === other || (isHere(one) && isHere(other))
const isHere = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/')
