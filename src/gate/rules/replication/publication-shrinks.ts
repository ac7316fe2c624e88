import { subject } from '../../../core/subject.ts'
import { describedOf, followersOf } from '../../described.ts'
import { defineRule } from '../../rule.ts'

const operations = ['insert', 'update', 'delete', 'truncate'] as const

/** Since PostgreSQL 18 a subscription goes on without its publication, and skips in silence what it would have brought. */
export default defineRule({
  id: 'replication/publication-shrinks',
  consequence: 'replication/publication-incomplete',
  severity: 'error',
  question:
    'Are the publications that somebody subscribes to still there, with every kind of change that they carried?',
  *run({ before, after, primary }) {
    const [was, is] = [describedOf(before, primary), describedOf(after, primary)]
    if (!was || !is) return
    for (const old of was.publications) {
      const nodes = followersOf(after, 'subscriber')
        .map(({ name }) => name)
        .filter((name) =>
          describedOf(after, name)?.subscriptions.some(({ publications }) => publications.includes(old.name)),
        )
      if (nodes.length === 0) continue
      const now = is.publications.find(({ name }) => name === old.name)
      const lost = operations.filter((operation) => old.publishes[operation] && !now?.publishes[operation])
      if (lost.length === 0) continue
      yield {
        object: subject.publication(primary, old.name),
        nodes,
        message: now
          ? `publication ${old.name} no longer carries ${lost.join(', ')} after the change: what ${primary} does so is never done on ${nodes.join(', ')}`
          : `publication ${old.name} is not there after the change, and ${nodes.join(', ')} subscribe to it: nothing of it arrives any more, and every view stays green`,
        remedy: now
          ? `Leave publish as it is, or carry out the same on ${nodes.join(', ')} by hand, in the same change.`
          : `Leave the publication; where it must get another name, take the subscriptions over first: alter subscription … set publication. Rows that are missed meanwhile do not come back by themselves.`,
        about: [],
      }
    }
  },
})
