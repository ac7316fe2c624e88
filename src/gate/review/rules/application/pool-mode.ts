import { subject } from '../../../../core/subject.ts'
import { primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** A session that is handed on after each transaction has not the statements that its client has prepared. */
export default defineReviewRule({
  id: 'application/pool-mode',
  consequence: 'application/error',
  severity: 'warning',
  question: 'Do prepared statements, advisory locks and session settings survive the pooler?',
  *run(input) {
    const pooler = input.foreign.filter(({ kind }) => kind === 'pooler')
    const prepared = Number(pooler.findLast(({ key }) => key === 'max_prepared_statements')?.value ?? 0)
    for (const { key, value, at } of pooler)
      if (key === 'pool_mode' && (value === 'transaction' || value === 'statement') && !(prepared > 0))
        yield {
          object: subject.file(at.file, key),
          nodes: [primaryOf(input)],
          message: `the pooler hands sessions on after each ${value}: named prepared statements fail (26000), and what a client sets for its session goes to another`,
          remedy: 'Set max_prepared_statements (pgbouncer 1.21 or later), or keep pool_mode = session.',
          at,
          basis: 'text',
        }
  },
})
