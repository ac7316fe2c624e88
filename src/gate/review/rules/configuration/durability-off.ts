import { subject } from '../../../../core/subject.ts'
import { flag } from '../../quantity.ts'
import { defineReviewRule } from '../../rule.ts'

interface Guard {
  /** The value that does harm. */
  readonly harmful: boolean
  readonly consequence: string
  readonly words: string
}

const corruption = 'integrity/table-corruption'
const guards: Readonly<Record<string, Guard>> = {
  fsync: {
    harmful: false,
    consequence: corruption,
    words: 'a crash of the host leaves damaged files, which replicas may not have',
  },
  full_page_writes: { harmful: false, consequence: corruption, words: 'a crash of the host leaves torn pages' },
  ignore_checksum_failure: {
    harmful: true,
    consequence: corruption,
    words: 'damaged pages are read as if they were well',
  },
  zero_damaged_pages: {
    harmful: true,
    consequence: corruption,
    words: 'damaged pages are emptied, with all their rows',
  },
  autovacuum: {
    harmful: false,
    consequence: 'capacity/wraparound',
    words: 'tables grow, and the server comes to its end of transaction ids',
  },
}

/** Nothing is seen of it until the day on which it was needed. */
export default defineReviewRule({
  id: 'configuration/durability-off',
  consequence: corruption,
  severity: 'error',
  question: 'Is everything on that keeps rows through a crash?',
  *run({ settings }) {
    for (const { name, value, nodes, at } of settings) {
      const guard = guards[name]
      if (guard === undefined || value === null || flag(value) !== guard.harmful) continue
      for (const node of nodes)
        yield {
          object: subject.setting(node, name),
          nodes: [node],
          consequence: guard.consequence,
          message: `${name} = ${value} on ${node}: ${guard.words}, and nothing is seen of it before`,
          remedy: 'Leave it as the server ships it.',
          at,
          basis: 'text',
        }
    }
  },
})
