import { subject } from '../../../core/subject.ts'
import { culpritOf } from '../../culprit.ts'
import type { GateFindingDraft } from '../../rule.ts'
import { defineRule } from '../../rule.ts'

/** A setting may pass today and stop the server at its next start, weeks later: every server of the copy is restarted. */
export default defineRule({
  id: 'server/does-not-start',
  consequence: 'server/config-prevents-start',
  severity: 'critical',
  question: 'Does every server start again after the change?',
  *run(rehearsal) {
    for (const { node, failure, fileErrors, refuses } of rehearsal.starts) {
      const words = failure ?? refuses ?? ''
      const culprit = culpritOf(node, words, rehearsal)
      const object = culprit === null ? subject.node(node) : subject.setting(node, culprit.setting)
      const why =
        culprit === null ? '' : ` (${culprit.setting}${culprit.node === node ? '' : `, as ${culprit.node} has it`})`
      if (failure !== null)
        yield {
          object: /pg_hba/.test(failure) ? subject.accessRules(node) : object,
          nodes: [node],
          message: `${node} does not start after the change${why}: ${failure}`,
          remedy: `Take the setting out of the change. A server that is down already is mended in its files: no SQL reaches it.`,
          about: [],
        }
      else if (refuses !== null)
        yield {
          object,
          nodes: [node],
          consequence: 'application/error',
          message: `${node} starts after the change${why} and takes no session: ${refuses}`,
          remedy: 'Take the setting out of the change, unless nobody reads there.',
          about: [],
        }
      for (const error of failure === null ? fileErrors : []) yield ofFile(node, error)
    }
  },
})

/** `FILE:LINE: NAME: why`. */
function ofFile(node: string, error: string): GateFindingDraft {
  const name = /:\d+: ([\w.]+): /.exec(error)?.[1]
  const isRules = error.includes('pg_hba.conf')
  return {
    object: isRules ? subject.accessRules(node) : name === undefined ? subject.node(node) : subject.setting(node, name),
    nodes: [node],
    severity: 'error',
    message: `${node} has an error in its configuration files after the change: ${error}`,
    remedy: isRules
      ? 'Correct the line: the running server goes on with its old rules, the next start fails.'
      : 'Correct the setting: the running server goes on without it, the next start may not.',
    about: [],
  }
}
