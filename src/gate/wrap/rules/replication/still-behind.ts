import { subject } from '../../../../core/subject.ts'
import { defineWrapRule, latest } from '../../wrapped.ts'

/** Rows that have not arrived cannot be compared: that is no proof that they will. */
export default defineWrapRule({
  id: 'replication/still-behind',
  consequence: 'replication/lag-load',
  severity: 'warning',
  question: 'Did every node have what the command wrote, within the time that the gate waits?',
  *run(wrapped) {
    const before = new Set(behind(wrapped.before).map(({ node }) => node))
    const stuck = new Set(
      wrapped.applies.filter(({ before: was, polls }) => (polls.at(-1) ?? was) > was).map(({ node }) => node),
    )
    for (const [node, tables] of Map.groupBy(behind(latest(wrapped)), (one) => one.node)) {
      if (before.has(node) || stuck.has(node)) continue
      const names = tables.map(({ schema, table }) => `${schema}.${table}`)
      yield {
        object: subject.node(node),
        nodes: [node],
        message: `${node} has not all that was written: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''} could not be compared`,
        remedy: `Wait until it has caught up (antemortem status), then: antemortem verify`,
      }
    }
  },
})

const behind = ({ snapshot: { facts } }: ReturnType<typeof latest>) =>
  facts.touched.seen ? facts.touched.value.filter(({ verdict }) => verdict === 'lagging') : []
