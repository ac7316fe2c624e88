import { subject } from '../../../core/subject.ts'
import { errorsOf, isStuck } from '../../applies.ts'
import { namesIn } from '../../change/relations.ts'
import type { ApplyResult, StatementResult } from '../../rehearsal.ts'
import { defineRule } from '../../rule.ts'

/** A subscription whose worker fails at a row tries it again and again: nothing behind that row arrives, of any table. */
export default defineRule({
  id: 'replication/apply-stops',
  consequence: 'replication/apply-conflict',
  severity: 'error',
  question: 'Do the subscriptions go on applying after the change?',
  *run({ applies, canaries, already, results }) {
    for (const apply of applies) {
      const { node, subscription } = apply
      const errors = errorsOf(apply)
      const stuck = isStuck(apply)
      if (!stuck && errors < 2) continue
      const wasStuck = already.applies.some((one) => isSame(one, apply) && isStuck(one))
      const missing = canaries.filter((canary) => canary.node === node && canary.outcome === 'missing')
      const tables = [...new Set(missing.map(({ schema, table }) => `${schema}.${table}`))]
      const stopper = stopperOf(apply, results)
      const words = apply.message === null ? '' : `: ${apply.message}`
      yield {
        object: stopper === null ? subject.subscription(node, subscription) : `${node}:${stopper}`,
        nodes: [node],
        consequence: consequenceOf(apply),
        severity: stuck && !wasStuck ? 'error' : 'warning',
        message: stuck
          ? `subscription ${subscription} on ${node} fails again and again ${wasStuck ? 'before the change already, and after it' : 'after the change'}${words}${tables.length > 0 ? `; rows of ${tables.join(', ')} do not arrive` : ''}`
          : `subscription ${subscription} on ${node} failed ${errors} times during the change and went on${words}`,
        remedy: stuck
          ? `${apply.message === null ? `The log of ${node} says why. Most often it lacks what the primary sends, or the login of ${subscription} may not read a new table. ` : ''}Bring ${node} to what the primary sends before the primary sends it: the same definition under "-- antemortem:on ${node}", in front of the section of the primary.`
          : `Change ${node} before the primary: put its section first.`,
        about: tables.length > 0 ? tables : stopper === null ? [] : [stopper],
      }
    }
  },
})

const isSame = (a: ApplyResult, b: ApplyResult): boolean => a.node === b.node && a.subscription === b.subscription

/** A row that the subscriber's definitions cannot take is drift; a value that is taken, or a lock, is a conflict. */
function consequenceOf({ code, message }: ApplyResult): string {
  if (/REPLICA IDENTITY/.test(message ?? '')) return 'replication/replica-identity'
  return /^(?:55000|22\w{3}|428\w{2}|42703|42P01)$/.test(code ?? '')
    ? 'replication/schema-drift'
    : 'replication/apply-conflict'
}

/** The table at whose row it stands; a TRUNCATE has no row, and is found by the statement. */
function stopperOf({ relation, code }: ApplyResult, results: readonly StatementResult[]): string | null {
  if (relation !== null || code !== '0A000') return relation
  const truncated = results.find(({ statement }) => statement.kind === 'TruncateStmt')
  const [first] = truncated ? namesIn(truncated.statement.tree).relations : []
  return first === undefined ? null : `${first.schema ?? 'public'}.${first.name}`
}
