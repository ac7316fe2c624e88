import type { Case } from '../core/diagnosis.ts'
import type { LogEntryFact } from '../core/facts/cluster.ts'
import { isOfStatement } from './codes.ts'
import { errorsOn } from './log-errors.ts'
import { contractsOf } from './look.ts'

/** Two clocks, and a log that is read a moment later. */
const slackMs = 2_000

/**
 * Errors that the application's own logins got from a server since then, and that the text of their statements does not explain:
 * something on that server.
 */
export function foreignErrors(c: Case, sinceMs: number): readonly LogEntryFact[] {
  const logins = new Set(contractsOf(c).flatMap(({ role }) => (role === null ? [] : [role])))
  return c.snapshot.nodes.flatMap(({ name }) =>
    errorsOn(
      c,
      name,
      ({ role, code, lastMs }) =>
        role !== null && logins.has(role) && code !== null && !isOfStatement(code) && lastMs >= sinceMs - slackMs,
    ),
  )
}

/** For an honest `unknown`: with which words the servers themselves speak of it. */
export function unexplainedCodes(c: Case): readonly string[] {
  const critical = c.findings.filter(({ severity }) => severity === 'critical').map(({ sinceMs }) => sinceMs)
  return foreignErrors(c, Math.min(c.atMs, ...critical)).map(({ code, node }) => `${code} in the log of ${node}`)
}
