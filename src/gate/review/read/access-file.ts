import type { Ignore } from '../../change/comments.ts'
import type { AccessFile, AccessLine, NotRead, Unreadable } from '../input.ts'
import { nodesFor, type NodeWords } from '../targets.ts'
import { isPiece } from '../../files/kind-of-file.ts'
import { accessIncludes, meantBy, unknownIncludes } from './includes.ts'
import type { ReviewFile } from './read-files.ts'
import { sharpComments } from './settings-file.ts'

const types = new Set(['local', 'host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'])
const methods = new Set(
  'trust reject scram-sha-256 md5 password gss sspi ident peer ldap radius cert pam bsd oauth'.split(' '),
)
const mask = /^(?:\d{1,3}\.){3}\d{1,3}$/

export interface AccessRead {
  readonly file: AccessFile
  readonly unreadable: readonly Unreadable[]
  readonly notRead: readonly NotRead[]
}

/**
 * A whole pg_hba.conf, with what it includes of the files that were given. What the server would refuse is told with its line:
 * it keeps the old rules, and does not start again.
 */
export function readAccessFile(
  name: string,
  text: string,
  cluster: NodeWords,
  files: readonly ReviewFile[],
): AccessRead {
  const { sections, ignores } = sharpComments(name, text)
  const nodes = nodesFor(sections[0] ?? null, name, cluster)
  const read = readRules({ name, text, files, nodes, ignores, within: [name] })
  // A piece of one: what stands before and behind it, nobody knows here.
  const unknownAt = isPiece(name) ? [0, ...read.unknownAt] : read.unknownAt
  return {
    file: { nodes, lines: read.lines, unknownAt, at: { file: name, line: 1, ignores } },
    unreadable: read.unreadable,
    notRead: read.notRead,
  }
}

interface Reading {
  readonly name: string
  readonly text: string
  readonly files: readonly ReviewFile[]
  readonly nodes: readonly string[]
  readonly ignores: readonly Ignore[]
  /** Files that led here: one that includes itself is refused by the server. */
  readonly within: readonly string[]
}

interface Rules {
  readonly lines: readonly AccessLine[]
  readonly unknownAt: readonly number[]
  readonly unreadable: readonly Unreadable[]
  readonly notRead: readonly NotRead[]
}

function readRules({ name, text, files, nodes, ignores, within }: Reading): Rules {
  const lines: AccessLine[] = []
  const unknownAt: number[] = []
  const unreadable: Unreadable[] = []
  const includes = accessIncludes(text)
  const notRead = [...unknownIncludes(name, includes, files)]
  text.split('\n').forEach((raw, n) => {
    const words = raw
      .replace(/#.*$/, '')
      .trim()
      .match(/"[^"]*"(?:,\S*)?|\S+/g)
    if (words === null) return
    const include = includes.find(({ line }) => line === n + 1)
    if (include !== undefined) {
      const pieces = meantBy(include, name, files).filter((piece) => !within.includes(piece.name))
      if (pieces.length === 0) unknownAt.push(n + 1)
      for (const piece of pieces) {
        const inner = readRules({ ...piece, files, nodes, ignores, within: [...within, piece.name] })
        // Seen from here, they all stand in this line.
        lines.push(...inner.lines.map((rule) => ({ ...rule, line: n + 1 })))
        unknownAt.push(...inner.unknownAt.map(() => n + 1))
        unreadable.push(...inner.unreadable)
        notRead.push(...inner.notRead)
      }
      return
    }
    const read = readLine(words, n + 1)
    const at = { file: name, line: n + 1, ignores }
    if (typeof read === 'string')
      unreadable.push({ what: 'access-rule', subject: 'pg_hba.conf', words: read, nodes, at })
    else lines.push(read)
  })
  return { lines, unknownAt, unreadable, notRead }
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
