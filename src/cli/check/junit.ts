import { atLeast } from '../../core/severity.ts'
import type { CheckResult } from '../../core/finding.ts'
import { junitXml, type JunitCase } from '../../report/junit.ts'
import type { AuditReport, CheckReport } from './report.ts'

/** The report as CI servers take test results: a suite a cluster, a case a check. */
export const reportJunit = (report: CheckReport): string =>
  junitXml(
    report.audits.map((audit) => ({
      name: audit.name,
      atMs: report.atMs,
      cases: audit.results.map((result) => caseOf(result, audit, report)),
    })),
  )

function caseOf({ check, blind }: CheckResult, audit: AuditReport, { floor }: CheckReport): JunitCase {
  const own = audit.counted.filter((finding) => finding.check === check)
  const [first, ...more] = own.filter(({ severity }) => atLeast(severity, floor))
  const rest = own.filter(({ severity }) => !atLeast(severity, floor))
  const told = [
    ...rest.map(({ severity, message, remedy }) => `${severity}: ${message}\n  ${remedy}`),
    ...audit.muted
      .filter((finding) => finding.check === check)
      .map(({ message, muted }) => `muted: ${message}\n  ${muted?.owner ?? ''}: ${muted?.reason ?? ''}`),
    ...audit.known.filter((finding) => finding.check === check).map(({ message }) => `known: ${message}`),
  ]
  const failures = first ? [first, ...more] : []
  return {
    name: check,
    classname: `${audit.name}.${check.split('/')[0] ?? check}`,
    ...(first && {
      failure: {
        message: more.length === 0 ? first.message : `${first.message} (and ${more.length} more)`,
        type: first.severity,
        text: failures.map(({ severity, message, remedy }) => `${severity}: ${message}\n  ${remedy}`).join('\n'),
      },
    }),
    ...(blind.length > 0 && {
      skipped: blind.map(({ node, detail }) => `not seen on ${node}: ${detail}`).join('; '),
    }),
    ...(told.length > 0 && { output: told.join('\n') }),
  }
}
