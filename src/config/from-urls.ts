import type { Configuration } from '../core/configuration.ts'
import { AntemortemError } from '../core/error.ts'

/**
 * A configuration of one cluster, for a command that was given addresses instead of a file. A password in them is the user's
 * own doing and is used; like every other it is printed nowhere.
 */
export function fromUrls(urls: readonly string[]): Configuration {
  const known = urls.map(readParts)
  const names = known.map(({ host, port, database }, n) => {
    const twins = known.filter((other) => other.host === host)
    if (host === null) return `node-${n + 1}`
    const isAlone = twins.length === 1
    const sameDoor = known.filter((other) => other.host === host && other.port === port)
    if (isAlone || sameDoor.length === 1) return nameOf(isAlone ? host : `${host}-${port}`)
    // Databases of one server are told apart by their names; one database twice by its number.
    const before = known.slice(0, n).filter((other) => sameDoor.includes(other) && other.database === database).length
    return nameOf(`${host}-${port}-${database ?? 'database'}${before > 0 ? `-${before + 1}` : ''}`)
  })
  return {
    file: null,
    clusters: [
      {
        name: nameOf(known.find(({ database }) => database !== null)?.database ?? 'cluster'),
        engine: 'postgres',
        nodes: urls.map((url, n) => ({ name: names[n] ?? `node-${n + 1}`, url, act: null, host: null })),
        contracts: [],
        fence: 'message',
        invariants: [],
      },
    ],
    postmortems: null,
    store: 'sqlite:antemortem.db',
    thresholds: {},
    failOn: 'error',
    mutes: [],
  }
}

interface Parts {
  readonly host: string | null
  readonly port: string
  readonly database: string | null
}

/** Only what names a node; the engine reads the address itself. */
function readParts(url: string): Parts {
  if (/^(?:env|file):./.test(url)) return { host: null, port: '', database: null }
  // Of several hosts the first names the node.
  const uri = /^postgres(?:ql)?:\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^:/?#,]*)(?::(\d*))?(?:,[^/?#]*)?(?:\/([^?#]*))?/i.exec(
    url,
  )
  if (uri) {
    const host = /[?&]host=([^&]+)/.exec(url)?.[1] ?? uri[1] ?? ''
    return { host: orNull(host) ?? 'localhost', port: orNull(uri[2]) ?? '5432', database: orNull(uri[3]) }
  }
  const field = (key: string): string | null =>
    new RegExp(String.raw`(?:^|\s)${key}\s*=\s*'?([^\s']+)`).exec(url)?.[1] ?? null
  if (!/(?:^|\s)(?:host|service|dbname|user|hostaddr)\s*=/.test(url)) throw noAddress(url)
  return {
    host: field('service') ?? field('host') ?? field('hostaddr') ?? 'localhost',
    port: field('port') ?? '5432',
    database: field('dbname'),
  }
}

const orNull = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text)

/** In the form that names have in the file, because they become part of subjects. */
function nameOf(text: string): string {
  const plain = text.replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[^A-Za-z0-9_]+|-+$/g, '')
  return plain === '' ? 'node' : plain.slice(0, 63)
}

function noAddress(text: string): AntemortemError {
  const scheme = /^([a-z][a-z0-9+.-]{0,30}):\/\//i.exec(text)?.[1]
  const what =
    scheme === undefined
      ? `'${text.slice(0, 40)}' is no address of a database`
      : `${scheme}:// is not in this version yet`
  const hint = 'Write postgres://USER@HOST:PORT/DATABASE, env:NAME, file:PATH or service=NAME.'
  return new AntemortemError('address', what, hint, { exit: 2 })
}
