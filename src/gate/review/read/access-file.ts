import type { AccessFile, AccessLine, Unreadable } from '../input.ts'
import { nodesFor, type NodeWords } from '../targets.ts'
import { sharpComments } from './settings-file.ts'

const types = new Set(['local', 'host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'])
const methods = new Set(
  'trust reject scram-sha-256 md5 password gss sspi ident peer ldap radius cert pam bsd oauth'.split(' '),
)
const mask = /^(?:\d{1,3}\.){3}\d{1,3}$/

export interface AccessRead {
  readonly file: AccessFile
  readonly unreadable: readonly Unreadable[]
}

/** A whole pg_hba.conf. What the server would refuse is told with its line: it keeps the old rules, and does not start again. */
export function readAccessFile(name: string, text: string, cluster: NodeWords): AccessRead {
  const { sections, ignores } = sharpComments(name, text)
  const nodes = nodesFor(sections[0] ?? null, name, cluster)
  const lines: AccessLine[] = []
  const unreadable: Unreadable[] = []
  text.split('\n').forEach((raw, n) => {
    const words = raw
      .replace(/#.*$/, '')
      .trim()
      .match(/"[^"]*"(?:,\S*)?|\S+/g)
    if (words === null) return
    const place = { file: name, line: n + 1, ignores }
    const [first = ''] = words
    if (first.startsWith('include')) return
    const read = readLine(words, n + 1)
    if (typeof read === 'string')
      unreadable.push({ what: 'access-rule', subject: 'pg_hba.conf', words: read, nodes, at: place })
    else lines.push(read)
  })
  return { file: { nodes, lines, at: { file: name, line: 1, ignores } }, unreadable }
}

function readLine(words: readonly string[], line: number): AccessLine | string {
  const [type = '', databases = '', roles = '', ...rest] = words
  if (!types.has(type)) return `begins with "${type}", which is no kind of connection`
  const hasAddress = type !== 'local'
  const [address = ''] = rest
  const hasMask = hasAddress && mask.test(address) && mask.test(rest[1] ?? '')
  const method = rest[hasAddress ? (hasMask ? 2 : 1) : 0]
  if (roles === '' || method === undefined) return 'ends before its method'
  if (!methods.has(method)) return `has the method "${method}", which there is not`
  if (hasAddress && mask.test(address) && !hasMask) return `has the address ${address} without a mask`
  return {
    type,
    databases: namesIn(databases),
    roles: namesIn(roles),
    address: !hasAddress ? null : hasMask ? `${address}/${bitsOf(rest[1] ?? '')}` : address,
    method,
    line,
  }
}

const namesIn = (words: string): readonly string[] => words.split(',').map((word) => word.replaceAll('"', ''))

const bitsOf = (text: string): number =>
  text
    .split('.')
    .map((part) => Number(part).toString(2).replaceAll('0', '').length)
    .reduce((sum, bits) => sum + bits, 0)
