import { subject } from '../../../../core/subject.ts'
import { defineReviewRule } from '../../rule.ts'

/** A command that always fails makes the server keep all WAL, and leaves a gap in every backup from then on. */
export default defineReviewRule({
  id: 'configuration/archive-fails',
  consequence: 'capacity/disk-full',
  severity: 'error',
  question: 'Does the archive command take the WAL?',
  *run({ settings }) {
    for (const { name, value, nodes, at } of settings) {
      const word = name === 'archive_command' && value !== null ? value.trim() : null
      if (word === null || !/^(\/(usr\/)?bin\/)?false\b|^exit\s+[1-9]/.test(word)) continue
      for (const node of nodes)
        yield {
          object: subject.setting(node, name),
          nodes: [node],
          message: `archive_command = ${word} always fails: ${node} keeps all WAL until its disk is full, and no backup can be restored to a later moment`,
          remedy: 'To stop archiving for a while leave it empty; to stop it for good, archive_mode = off.',
          at,
          basis: 'text',
        }
    }
  },
})
