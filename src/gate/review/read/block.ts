import { parsePlPgSQL } from 'libpg-query'
import { AntemortemError } from '../../../core/error.ts'
import { readChange, type ChangeStatement } from '../../change/read-change.ts'
import { below, child, list, text } from '../../change/tree.ts'
import { constantOf } from '../calls.ts'
import type { NotRead } from '../input.ts'

export interface BlockRead {
  /** Static SQL of the block, and what it executes that is a constant: judged whether or not a condition stands before it. */
  readonly statements: readonly ChangeStatement[]
  readonly notRead: readonly NotRead[]
}

/** What a `do` block says by its text. Of what it makes up when it runs, the line is told. */
export async function readBlock(block: ChangeStatement): Promise<BlockRead> {
  const options = list(child(block.tree, 'DoStmt'), 'args').map((each) => child(each, 'DefElem'))
  const option = (name: string): string | null => {
    const found = options.find((each) => text(each, 'defname') === name)
    return text(child(child(found, 'arg'), 'String'), 'sval')
  }
  const language = option('language') ?? 'plpgsql'
  const body = option('as') ?? ''
  if (language !== 'plpgsql') return whole(block, `the block is written in ${language}`)
  let parsed: unknown
  try {
    parsed = await parsePlPgSQL(`create function antemortem_block() returns void language plpgsql as ${quoted(body)}`)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return whole(block, `the block cannot be read (${error.message})`)
  }
  const from = Math.max(0, block.sql.indexOf(body))
  const lineAt = (lineno: number): number => block.line + newlines(block.sql.slice(0, from)) + lineno - 1
  const statements: ChangeStatement[] = []
  const notRead: NotRead[] = []
  for (const { query, lineno, isMadeUp } of queriesIn(parsed)) {
    const line = lineAt(lineno)
    const sql = isMadeUp ? await constantText(query) : query
    const read = sql === null ? null : await asStatements(sql, { ...block, line })
    if (read === null)
      notRead.push({
        file: block.file,
        line,
        words: isMadeUp ? 'the block makes up a statement when it runs' : 'a statement of the block cannot be read',
      })
    else statements.push(...read)
  }
  return { statements, notRead }
}

const whole = ({ file, line }: ChangeStatement, words: string): BlockRead => ({
  statements: [],
  notRead: [{ file, line, words }],
})

const newlines = (words: string): number => words.split('\n').length - 1

/** Between dollars that do not occur in it. */
function quoted(body: string): string {
  let tag = '$block$'
  while (body.includes(tag)) tag = `${tag.slice(0, -1)}k$`
  return `${tag}${body}${tag}`
}

interface Query {
  readonly query: string
  readonly lineno: number
  /** `execute`: the query is an expression that gives its text. */
  readonly isMadeUp: boolean
}

/** Kinds of statement that run SQL, and the field in which they have it. */
const fields = [
  ['PLpgSQL_stmt_execsql', 'sqlstmt'],
  ['PLpgSQL_stmt_perform', 'expr'],
  ['PLpgSQL_stmt_call', 'expr'],
  ['PLpgSQL_stmt_fors', 'query'],
  ['PLpgSQL_stmt_dynexecute', 'query'],
  ['PLpgSQL_stmt_dynfors', 'query'],
] as const

function* queriesIn(parsed: unknown): Generator<Query> {
  for (const node of below(parsed))
    for (const [kind, field] of fields) {
      const statement = child(node, kind)
      const query = text(child(child(statement, field), 'PLpgSQL_expr'), 'query')
      if (statement !== null && query !== null)
        yield { query, lineno: Number(statement['lineno'] ?? 1), isMadeUp: kind.startsWith('PLpgSQL_stmt_dyn') }
    }
}

/** `'drop table a'`; null for what is put together of parts. */
async function constantText(expression: string): Promise<string | null> {
  const [first] = (await parsedOrNull('expression', `select ${expression}`)) ?? []
  const target = child(list(child(first?.tree, 'SelectStmt'), 'targetList')[0], 'ResTarget')
  return constantOf(target?.['val'])
}

async function asStatements(sql: string, block: ChangeStatement): Promise<readonly ChangeStatement[] | null> {
  const read = await parsedOrNull(block.file, sql)
  return read?.map(({ tree, kind, sql: own }) => ({ ...block, tree, kind, sql: own })) ?? null
}

async function parsedOrNull(name: string, sql: string): Promise<readonly ChangeStatement[] | null> {
  try {
    return await readChange({ name, text: sql })
  } catch (error) {
    if (error instanceof AntemortemError) return null
    throw error
  }
}
