import type { GateLock } from '../../../core/gate.ts'
import { subject } from '../../../core/subject.ts'
import { duration } from '../../../report/duration.ts'
import { child, list, text } from '../../change/tree.ts'
import type { StatementResult } from '../../rehearsal.ts'
import { defineRule } from '../../rule.ts'

/** What a statement does with every row of a table while it holds its lock. */
type Work = 'rewrite' | 'index' | 'scan'

const limits = {
  rewriteMs: { default: 1600, unit: 'ms', why: 'measured for 100,000 rows of 100 bytes on two busy cores' },
  indexMs: { default: 390, unit: 'ms', why: 'as above' },
  scanMs: { default: 120, unit: 'ms', why: 'as above, a foreign key that is checked' },
  worthMs: { default: 100, unit: 'ms', why: 'what waits behind such a lock is seen by users' },
  longMs: { default: 10_000, unit: 'ms', why: 'most applications give up before that' },
  fewRows: { default: 1000, unit: 'rows', why: 'a table so small is written anew in milliseconds' },
} as const

/** The copy's tables are small: how long a lock would be held is scaled to the rows of production, by its own estimate. */
export default defineRule({
  id: 'schema/holds-lock',
  consequence: 'contention/lock',
  severity: 'warning',
  question: 'Does no statement keep writers or readers out for as long as it works through a large table?',
  *run({ results, rows, primary }) {
    for (const result of results)
      for (const lock of result.locks) {
        const count = rows.get(lock.object)
        const work = workOf(result, lock)
        if (result.node !== primary || count === undefined || work === null) continue
        const estimateMs = (Math.max(0, count) / 100_000) * limits[`${work}Ms`].default
        const isSmall =
          work === 'rewrite' ? count >= 0 && count < limits.fewRows.default : estimateMs < limits.worthMs.default
        if (isSmall && count >= 0) continue
        const at = lock.object.indexOf('.')
        const basis = `${limits[`${work}Ms`].default} ms for each 100,000 rows`
        yield {
          object: subject.table(lock.node, lock.object.slice(0, at), lock.object.slice(at + 1)),
          nodes: [lock.node],
          severity: estimateMs >= limits.longMs.default ? 'error' : 'warning',
          message:
            count < 0
              ? `${words[work](lock)}; how many rows it has nobody has counted (reltuples)`
              : `${words[work](lock)}: with ${count} rows about ${duration(estimateMs)}, estimated by ${basis}, and all who wait behind it`,
          remedy: remedies[work],
          about: [lock.object],
          statement: result.statement,
        }
      }
  },
})

const words: Readonly<Record<Work, (lock: GateLock) => string>> = {
  rewrite: ({ object }) =>
    `${object} is written anew, whole, with its indexes, and nobody may read it meanwhile; all of it goes through the WAL`,
  index: ({ object }) => `an index is built on ${object}, and nobody may write it meanwhile`,
  scan: ({ object, mode }) => `every row of ${object} is checked under ${mode}`,
}

const remedies: Readonly<Record<Work, string>> = {
  rewrite: 'Add the column without a value for the old rows, fill it in small steps, then set its default.',
  index: 'create index concurrently, outside a transaction.',
  scan: 'Add the constraint NOT VALID first, and validate it in a statement of its own: that keeps nobody out.',
}

function workOf({ statement }: StatementResult, lock: GateLock): Work | null {
  if (lock.rewrites) return 'rewrite'
  if (statement.kind === 'IndexStmt') return 'index'
  const commands = list(child(statement.tree, 'AlterTableStmt'), 'cmds').map((command) =>
    child(command, 'AlterTableCmd'),
  )
  const checks = commands.some((command) => {
    if (text(command, 'subtype') === 'AT_SetNotNull') return true
    const constraint = child(child(command, 'def'), 'Constraint')
    return (
      constraint !== null &&
      constraint['skip_validation'] !== true &&
      /FOREIGN|CHECK/.test(text(constraint, 'contype') ?? '')
    )
  })
  if (checks) return 'scan'
  const builds = commands.some((command) =>
    /UNIQUE|PRIMARY/.test(text(child(child(command, 'def'), 'Constraint'), 'contype') ?? ''),
  )
  return builds ? 'index' : null
}
