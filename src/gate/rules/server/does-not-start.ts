import { subject } from '../../../core/subject.ts'
import { defineRule } from '../../rule.ts'

/** A setting may pass today and stop the server at its next start, weeks later: every server of the copy is restarted. */
export default defineRule({
  id: 'server/does-not-start',
  consequence: 'server/config-prevents-start',
  severity: 'critical',
  question: 'Does every server start again after the change?',
  *run({ starts }) {
    for (const { node, failure, fileErrors } of starts) {
      if (failure !== null)
        yield {
          object: subject.node(node),
          nodes: [node],
          message: `${node} does not start after the change: ${failure}`,
          remedy: `Take the setting out of the change. A server that is down already is mended in its files: no SQL reaches it.`,
          about: [],
        }
      for (const error of failure === null ? fileErrors : [])
        yield {
          object: subject.node(node),
          nodes: [node],
          severity: 'error',
          message: `${node} has an error in its configuration files after the change: ${error}`,
          remedy: 'Correct the setting: the running server goes on without it, the next start may not.',
          about: [],
        }
    }
  },
})
