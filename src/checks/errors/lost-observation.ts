import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/** What is not seen is not well. Every other check only says that it cannot see; this one says since when, and what is left. */
export default defineCheck({
  id: 'errors/lost-observation',
  on: ['postgres'],
  severity: 'error',
  needs: ['server'],
  limits: {
    warningMs: { default: 10_000, unit: 'ms', why: 'ten rounds: no single lost packet' },
    errorMs: { default: 60_000, unit: 'ms', why: 'whatever happens there in the meantime, nobody is told' },
  },
  question: 'Is every node of the configuration seen?',
  seeds: [1],
  *run({ nodes, blind, limits }) {
    const left = nodes.map(({ name }) => name).join(', ') || 'no node'
    for (const { name, role, detail, unansweredMs } of blind) {
      if (unansweredMs < limits.warningMs) continue
      yield {
        subject: subject.node(name),
        node: name,
        severity: unansweredMs >= limits.errorMs ? 'error' : 'warning',
        message: `${name} has not been seen for ${Math.round(unansweredMs / 1000)} s (${detail}); still seen: ${left}`,
        evidence: { unseen_ms: Math.round(unansweredMs), role, detail, still_seen: left },
        remedy: `Find out whether ${name} lives before you act on it: from this host, pg_isready -h HOST -p PORT; on its own host, pgrep -a -f 'postgres.* -D'. Until then nothing that is said of it is true for now.`,
      }
    }
  },
})
