import { subject } from '../../../../core/subject.ts'
import { keyOf } from '../../differences.ts'
import { defineWrapRule, latest } from '../../wrapped.ts'

/** Damaged pages, missing files, broken toast: what a scan meets and no view shows. */
const damage = /^(?:XX001|XX002|58P01|58030|XX000)$/

export default defineWrapRule({
  id: 'integrity/table-unreadable',
  consequence: 'integrity/table-corruption',
  severity: 'critical',
  question: 'Can every table that was read whole before the command be read whole after it?',
  *run(wrapped) {
    const readable = new Set(wrapped.before.contents.filter(({ contents }) => contents !== null).map(keyOf))
    for (const one of latest(wrapped).contents) {
      const { node, schema, table, unread } = one
      if (unread === null || !damage.test(unread.code ?? '') || !readable.has(keyOf(one))) continue
      yield {
        object: subject.table(node, schema, table),
        nodes: [node],
        message: `${schema}.${table} on ${node} was read whole before the command and cannot be now: ${unread.words} (${unread.code ?? ''})`,
        remedy: `Stop what writes to it, and look: antemortem integrity. Another node may still have its rows.`,
      }
    }
  },
})
