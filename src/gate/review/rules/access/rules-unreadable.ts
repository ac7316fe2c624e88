import { subject } from '../../../../core/subject.ts'
import { defineReviewRule } from '../../rule.ts'

/** A server that runs keeps its old access rules; one that restarts does not start. */
export default defineReviewRule({
  id: 'access/rules-unreadable',
  consequence: 'server/config-prevents-start',
  severity: 'error',
  question: 'Can the server read every access rule?',
  *run({ unreadable }) {
    for (const { what, words, nodes, at } of unreadable)
      for (const node of what === 'access-rule' ? nodes : [])
        yield {
          object: subject.accessRules(node),
          nodes: [node],
          message: `${at.file}:${at.line} ${words}: ${node} keeps its old rules, and does not start again`,
          remedy:
            'Write TYPE DATABASE USER ADDRESS METHOD; pg_hba_file_rules.error says the same once the file is in place.',
          at,
          basis: 'text',
        }
  },
})
