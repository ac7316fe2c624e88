import { createHash } from 'node:crypto'
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ReviewFinding } from '../../core/gate.ts'
import type { Severity } from '../../core/severity.ts'
import type { ReviewReport } from '../../gate/review/review.ts'
import { reviewRules } from '../../gate/review/rules.generated.ts'
import { sarifLog, type SarifLevel, type SarifLog, type SarifResult, type SarifRule } from '../../report/sarif.ts'
import { version } from '../version.ts'

const levels: Readonly<Record<Severity, SarifLevel>> = {
  info: 'note',
  warning: 'warning',
  error: 'error',
  critical: 'error',
}

const pageOf = (id: string): string => `docs/gate/review/${id}.md`

/** The review as code hosts show it: each finding on the line of its statement. */
export function reviewSarif(report: ReviewReport): SarifLog {
  const squawks = [...new Set(report.findings.map(({ rule }) => rule).filter((rule) => rule.startsWith('squawk/')))]
  return sarifLog({
    version: version(),
    rules: [
      ...reviewRules.map(({ id, question, severity }): SarifRule => ({
        id,
        shortDescription: { text: question },
        fullDescription: { text: `${question} Why it matters and what to do: ${pageOf(id)}.` },
        help: { text: pageOf(id), markdown: `[${pageOf(id)}](${pageOf(id)})` },
        defaultConfiguration: { level: levels[severity] },
      })),
      ...squawks.map((id): SarifRule => ({
        id,
        shortDescription: { text: `Squawk: ${id.replace('squawk/', '')}` },
        fullDescription: { text: `A finding of Squawk, taken in as a second opinion: ${id.replace('squawk/', '')}.` },
        help: { text: 'https://squawkhq.com/docs/' },
        defaultConfiguration: { level: 'warning' },
      })),
    ],
    results: report.findings.map(resultOf),
    notifications: report.blind.map((text) => ({ level: 'warning', message: { text: `not seen: ${text}` } })),
  })
}

const resultOf = (finding: ReviewFinding): SarifResult => ({
  ruleId: finding.rule,
  level: levels[finding.severity],
  message: { text: `${finding.message}. ${finding.remedy}` },
  locations: [
    {
      logicalLocations: [{ name: finding.object, fullyQualifiedName: finding.object, kind: 'resource' }],
      physicalLocation: {
        artifactLocation: {
          uri: isAbsolute(finding.file) ? pathToFileURL(finding.file).href : encodeURI(finding.file),
        },
        region: { startLine: finding.line },
      },
    },
  ],
  partialFingerprints: { 'antemortemFinding/v1': fingerprint(finding) },
})

/** Of what the finding is about and where, never of its words or line: both move. */
const fingerprint = ({ rule, object, file }: ReviewFinding): string =>
  createHash('sha256').update(`${file}\n${rule}\n${object}`).digest('hex')
