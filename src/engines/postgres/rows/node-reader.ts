import type { z } from 'zod'
import type { NodeLink } from '../connect.ts'
import type { LinkFailure } from '../failure.ts'
import type { Answer, Limits, Statement } from '../session.ts'

/** Whoever can be asked for rows: a link to a node, or a single session. What goes wrong is an answer. */
export interface NodeReader {
  readonly name: string
  run(statement: Statement, limits: Limits): Promise<Answer>
}

/** A statement's end on the server comes first (`statement_timeout`); this is for servers that do not answer at all. */
const clientDeadlineMs = 35_000

export const nodeReader = (link: NodeLink): NodeReader => ({
  name: link.name,
  async run(statement, limits) {
    const reached = await link.reach(limits.signal)
    return reached.ok ? reached.reader.session.run(statement, limits) : reached
  },
})

/** A node that could not be read. Never leaves the folder `rows`: there it becomes a verdict. */
export class ReadFailed extends Error {
  readonly node: string
  readonly failure: LinkFailure

  constructor(node: string, failure: LinkFailure) {
    super(failure.message)
    this.name = 'ReadFailed'
    this.node = node
    this.failure = failure
  }
}

/** All rows of a statement, read by a schema; throws `ReadFailed` where there is no answer. */
export async function readRows<R>(
  reader: NodeReader,
  statement: Statement,
  schema: z.ZodType<R>,
  signal: AbortSignal,
): Promise<readonly R[]> {
  const answer = await reader.run(statement, { signal, deadlineMs: clientDeadlineMs })
  if (!answer.ok) throw new ReadFailed(reader.name, answer.failure)
  return answer.rows.map((row) => schema.parse(row))
}

/** The only row of a statement that always has one. */
export async function readRow<R>(
  reader: NodeReader,
  statement: Statement,
  schema: z.ZodType<R>,
  signal: AbortSignal,
): Promise<R> {
  const [row] = await readRows(reader, statement, schema, signal)
  if (row === undefined) throw new Error(`no row from: ${statement.text}`)
  return row
}
