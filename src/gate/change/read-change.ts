import { hasSqlDetails, parse, scan } from 'libpg-query'
import { AntemortemError } from '../../core/error.ts'
import type { Comment, Ignore } from './comments.ts'
import { readComments } from './comments.ts'
import type { TreeNode } from './tree.ts'
import { child, isNode, list, text as textOf } from './tree.ts'

export interface ChangeText {
  readonly name: string
  readonly text: string
}

/** One statement of a change, as the server's own parser has split it. */
export interface ChangeStatement {
  readonly file: string
  readonly line: number
  readonly sql: string
  /** The words of the section that it stands in; null: none, so the primary. */
  readonly on: readonly string[] | null
  /** The line of that section, for messages. */
  readonly onLine: number | null
  /** `CreateStmt`, `AlterTableStmt`, … */
  readonly kind: string
  readonly tree: TreeNode
  readonly ignores: readonly Ignore[]
}

/** Splits a file into statements with the server's parser; text in strings, bodies and comments misleads nobody. */
export async function readChange({ name, text: written }: ChangeText): Promise<readonly ChangeStatement[]> {
  const text = withSchema(withoutDown(withoutRestrict(written)))
  const bytes = Buffer.from(text)
  const lineAt = lineCounter(bytes)
  const parsed = await parsedOrError(name, text)
  // Its tokens take more time and memory than the trees, and only comments that mean us are wanted of them.
  const scanned: unknown = text.includes('antemortem') ? await scan(text) : null
  const comments = list(scanned, 'tokens').flatMap((token): Comment[] => {
    const at = isNode(token) ? Number(token['start']) : 0
    return textOf(token, 'tokenName') === 'SQL_COMMENT'
      ? [{ at, line: lineAt(at), text: textOf(token, 'text') ?? '' }]
      : []
  })
  const { sections, ignores } = readComments(name, comments)
  let previousEnd = 0
  return list(parsed, 'stmts').map((entry) => {
    const tree = child(entry, 'stmt') ?? {}
    const { stmt_location: location = 0, stmt_len: length = 0 } = isNode(entry) ? entry : {}
    const start = Number(location)
    // The last statement of a file may have no semicolon and then has no length.
    const end = Number(length) === 0 ? bytes.length : start + Number(length)
    const section = sections.findLast(({ at }) => at < start)
    const own = ignores.filter(({ at }) => at >= previousEnd && at < start)
    previousEnd = end
    const kind = Object.keys(tree)[0] ?? ''
    const statement = { file: name, line: lineAt(start), sql: bytes.subarray(start, end).toString().trim(), kind, tree }
    refuse(statement)
    return { ...statement, on: section?.words ?? null, onLine: section?.line ?? null, ignores: own }
  })
}

/** The line of a byte offset; offsets may come in any order, and there may be many. */
function lineCounter(bytes: Buffer): (offset: number) => number {
  const ends: number[] = []
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) ends.push(at)
  return (offset) => {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return low + 1
  }
}

/** Spaces in the place of text: every offset and line stays. */
const blanked = (text: string): string => text.replaceAll(/[^\n]/g, ' ')

/** pg_dump frames what it writes so (since 2025), and psql alone reads it: it is in every structure.sql. */
const withoutRestrict = (text: string): string => text.replaceAll(/^\\(?:un)?restrict \w+\r?$/gm, blanked)

/** The only placeholder of Flyway that has a usual value; quoted or not, it keeps its length. */
const withSchema = (text: string): string =>
  text.replaceAll(/("?)\$\{flyway:defaultSchema\}\1/g, (found, quote: string) =>
    `${quote}public${quote}`.padEnd(found.length),
  )

/** goose and dbmate write the way back into the same file: it is no part of the change. */
function withoutDown(text: string): string {
  const from = text.search(/^-- *(?:\+goose +Down|migrate:down)\b/im)
  if (from < 0 || !/^-- *(?:\+goose +Up|migrate:up)\b/im.test(text.slice(0, from))) return text
  const after = text.slice(from + 1)
  const up = after.search(/^-- *(?:\+goose +Up|migrate:up)\b/im)
  const end = up < 0 ? text.length : from + 1 + up
  return text.slice(0, from) + blanked(text.slice(from, end)) + text.slice(end)
}

async function parsedOrError(name: string, text: string): Promise<unknown> {
  try {
    return await parse(text)
  } catch (error) {
    // Its stack in WebAssembly, or the one that reads its answer.
    if (error instanceof RangeError || (error instanceof Error && error.name === 'RuntimeError'))
      throw new AntemortemError(
        'change-too-deep',
        `${name}: an expression in it is nested too deeply`,
        'Load rows in a step of their own.',
        {
          cause: error,
          exit: 2,
        },
      )
    if (!hasSqlDetails(error)) throw error
    const before = text.slice(0, error.sqlDetails?.cursorPosition ?? 0)
    const line = before.split('\n').length
    const meta = /^\s*(\\\S+)/.exec(text.split('\n')[line - 1] ?? '')?.[1]
    if (meta !== undefined)
      throw new AntemortemError(
        'change-meta-command',
        `${name}:${line}: ${meta} is a command of psql, not SQL`,
        /^\\(?:i|ir|include|include_relative)$/.test(meta)
          ? 'Name the file that it reads, at its place: files are taken in the order in which they are named.'
          : 'A change is plain SQL; where a statement runs is said by "-- antemortem:on NODE".',
        { cause: error, exit: 2 },
      )
    const isTemplate = /\$\{|\{\{|<%/.test(text.split('\n')[line - 1] ?? '')
    const hint = isTemplate
      ? 'The line has a placeholder of a template: name the SQL that your tool makes of it.'
      : 'Correct the statement.'
    throw new AntemortemError('change-syntax', `${name}:${line}: ${error.message}`, hint, {
      cause: error,
      exit: 2,
    })
  }
}

/** Rows behind COPY FROM STDIN come over psql's own input. */
function refuse({ file, line, tree }: Pick<ChangeStatement, 'file' | 'line' | 'tree'>): void {
  const copy = child(tree, 'CopyStmt')
  if (copy !== null && copy['is_from'] === true && textOf(copy, 'filename') === null)
    throw new AntemortemError(
      'change-copy-stdin',
      `${file}:${line}: COPY … FROM STDIN reads psql's input`,
      'Write INSERT statements, or load the rows in a step of their own.',
      { exit: 2 },
    )
}
