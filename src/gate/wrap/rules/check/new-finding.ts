import { consequences } from '../../consequences.ts'
import { findingsOf, keyOf, newFindings } from '../../new-findings.ts'
import { defineWrapRule } from '../../wrapped.ts'

/** What `check` finds now and did not find before; a finding that is gone again at the second look is only a warning. */
export default defineWrapRule({
  id: 'check/new-finding',
  consequence: 'application/error',
  severity: 'error',
  question: 'Does check find nothing that it did not find before the command?',
  *run(wrapped) {
    for (const finding of newFindings(wrapped.before, wrapped.after)) {
      const { check, subject, node, severity, message, remedy } = finding
      const isGone = wrapped.again !== null && !findingsOf(wrapped.again).some((one) => keyOf(one) === keyOf(finding))
      yield {
        rule: check,
        object: subject,
        nodes: node === undefined ? [] : [node],
        severity: isGone ? 'warning' : severity,
        consequence: consequences[check] ?? 'application/error',
        message: isGone ? `${message} (for a moment: it was gone at the second look)` : message,
        remedy,
      }
    }
  },
})
