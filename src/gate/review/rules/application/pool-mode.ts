import { subject } from '../../../../core/subject.ts'
import type { ForeignSetting } from '../../input.ts'
import { primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** A session that is handed on after each transaction has not the statements that its client has prepared. */
export default defineReviewRule({
  id: 'application/pool-mode',
  consequence: 'application/error',
  severity: 'warning',
  question: 'Do prepared statements, advisory locks and session settings survive the pooler?',
  *run(input) {
    for (const { kind, settings, before } of input.foreign) {
      const handedOn = kind === 'pooler' ? handedOnBy(settings) : undefined
      if (handedOn !== undefined && handedOn.value !== handedOnBy(before)?.value)
        yield {
          object: subject.file(handedOn.at.file, handedOn.key),
          nodes: [primaryOf(input)],
          message: `the pooler hands sessions on after each ${handedOn.value}: named prepared statements fail (26000), and what a client sets for its session goes to another`,
          remedy: 'Set max_prepared_statements (pgbouncer 1.21 or later), or keep pool_mode = session.',
          at: handedOn.at,
          basis: 'text',
        }
    }
  },
})

/** The mode of a pooler that hands sessions on without what was prepared in them; undefined: it does not. */
function handedOnBy(settings: readonly ForeignSetting[]): ForeignSetting | undefined {
  const prepared = Number(settings.findLast(({ key }) => key === 'max_prepared_statements')?.value ?? 0)
  const mode = settings.findLast(({ key }) => key === 'pool_mode')
  return mode !== undefined && ['transaction', 'statement'].includes(mode.value) && !(prepared > 0) ? mode : undefined
}
