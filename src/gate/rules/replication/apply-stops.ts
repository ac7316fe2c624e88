import { subject } from '../../../core/subject.ts'
import { errorsOf, isStuck } from '../../applies.ts'
import type { ApplyResult } from '../../rehearsal.ts'
import { defineRule } from '../../rule.ts'

/** A subscription whose worker fails at a row tries it again and again: nothing behind that row arrives, of any table. */
export default defineRule({
  id: 'replication/apply-stops',
  consequence: 'replication/apply-conflict',
  severity: 'error',
  question: 'Do the subscriptions go on applying after the change?',
  *run({ applies, canaries, already }) {
    for (const apply of applies) {
      const { node, subscription } = apply
      const errors = errorsOf(apply)
      const stuck = isStuck(apply)
      if (!stuck && errors < 2) continue
      const wasStuck = already.applies.some((one) => isSame(one, apply) && isStuck(one))
      const missing = canaries.filter((canary) => canary.node === node && canary.outcome === 'missing')
      const tables = [...new Set(missing.map(({ schema, table }) => `${schema}.${table}`))]
      const words = apply.message === null ? '' : `: ${apply.message}`
      yield {
        object: subject.subscription(node, subscription),
        nodes: [node],
        severity: stuck && !wasStuck ? 'error' : 'warning',
        message: stuck
          ? `subscription ${subscription} on ${node} fails again and again ${wasStuck ? 'before the change already, and after it' : 'after the change'}${words}${tables.length > 0 ? `; rows of ${tables.join(', ')} do not arrive` : ''}`
          : `subscription ${subscription} on ${node} failed ${errors} times during the change and went on${words}`,
        remedy: stuck
          ? `Bring ${node} to what the primary sends before the primary sends it: the same definition under "-- antemortem:on ${node}", in front of the section of the primary.`
          : `Change ${node} before the primary: put its section first.`,
        about: tables.length > 0 ? tables : tableInWords(apply.message),
      }
    }
  },
})

const isSame = (a: ApplyResult, b: ApplyResult): boolean => a.node === b.node && a.subscription === b.subscription

const tableInWords = (message: string | null): readonly string[] => {
  const name = /relation "([^"]+)"/.exec(message ?? '')?.[1]
  return name === undefined ? [] : [name]
}
