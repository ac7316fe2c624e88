import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/**
 * With one bad line the whole file is refused: the old rules stay live, pg_conf_load_time() moves all the same, and nothing is
 * wrong until the next start, which fails.
 */
export default defineCheck({
  id: 'connections/hba-error',
  on: ['postgres'],
  severity: 'error',
  needs: ['accessRules'],
  question: 'Is every line of pg_hba.conf one that the server would take?',
  seeds: [2],
  *run({ nodes }) {
    for (const node of nodes) {
      const bad = node.accessRules.rules.filter(({ error }) => error !== null)
      const [first] = bad
      if (!first) continue
      const where = `${first.file ?? 'pg_hba.conf'} line ${first.line}`
      yield {
        subject: subject.accessRules(node.name),
        node: node.name,
        message: `${node.name} would not start with its access rules: ${where}: ${first.error ?? ''}${bad.length > 1 ? `, and ${bad.length - 1} more` : ''}`,
        evidence: {
          file_name: first.file,
          line_number: first.line,
          error: first.error,
          lines: bad.map(({ line }) => line).join(', '),
        },
        remedy: `Correct ${where} on ${node.name}. See that this gives no row: select line_number, error from pg_hba_file_rules where error is not null; then: select pg_reload_conf(); Do not restart before.`,
      }
    }
  },
})
