import { subject } from '../../../../core/subject.ts'
import { basisOf, factOf, fresh } from '../../nodes.ts'
import { alteredRole } from '../../role-options.ts'
import { defineReviewRule } from '../../rule.ts'

/** A limit below what an application opens refuses its next session. */
export default defineReviewRule({
  id: 'access/connection-limit',
  consequence: 'connection/role-limit',
  severity: 'warning',
  question: 'May every role open as many sessions as it uses?',
  *run(input) {
    for (const statement of fresh(input)) {
      const altered = alteredRole(statement)
      const limit = Number(altered?.options.find(({ name }) => name === 'connectionlimit')?.value ?? -1)
      if (altered === null || limit < 0) continue
      for (const node of statement.nodes) {
        const use = factOf(input, node, 'activity')?.use.filter(({ role }) => role === altered.role)
        const open = use?.reduce((sum, { total }) => sum + total, 0) ?? 0
        if (open <= limit && limit >= 10) continue
        yield {
          object: subject.role(node, altered.role),
          nodes: [node],
          severity: open > limit ? 'error' : 'warning',
          message: `role ${altered.role} may open ${limit} ${limit === 1 ? 'session' : 'sessions'}${open > 0 ? ` and has ${open} open now` : ''}: the next one is refused (53300)`,
          remedy: 'Set it above the sum of the pools of all instances.',
          at: statement,
          basis: basisOf(input),
        }
      }
    }
  },
})
