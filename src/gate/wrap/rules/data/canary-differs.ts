import type { ContractSeen } from '../../moment.ts'
import { subject } from '../../../../core/subject.ts'
import { defineWrapRule, latest } from '../../wrapped.ts'

/** The rows that the application said it cannot do without: fewer of them is harm, others are worth a look. */
export default defineWrapRule({
  id: 'data/canary-differs',
  consequence: 'integrity/data-deleted',
  severity: 'warning',
  question: "Does each contract's canary still give the answer that it gave before?",
  *run(wrapped) {
    const old = new Map(wrapped.before.contracts.map((one) => [keyOf(one), one.answer]))
    for (const one of latest(wrapped).contracts) {
      const was = old.get(keyOf(one))
      const { fact, answer: is } = one
      if (!was || !is || was.digest === is.digest) continue
      const fewer = is.rows < was.rows
      yield {
        object: `${subject.contract(fact.contract, fact.instance)}→${fact.node}`,
        nodes: [fact.node],
        severity: fewer ? 'critical' : 'warning',
        message: fewer
          ? `the canary of ${fact.contract} had ${was.rows} rows on ${fact.node} before the command and has ${is.rows} after it`
          : `the canary of ${fact.contract} gives other values on ${fact.node} than before the command`,
        remedy: fewer
          ? 'Find what has removed the rows; a subscriber that has not heard of it may still have them: antemortem verify.'
          : 'If the command was to change these rows, declare it: --allow data. If not, compare them with a backup before anything else writes them.',
      }
    }
  },
})

const keyOf = ({ fact: { contract, instance, node } }: ContractSeen): string =>
  JSON.stringify([contract, instance, node])
