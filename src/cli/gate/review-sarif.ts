import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import type { ReviewFinding, ReviewReport } from '../../core/gate.ts'
import type { Severity } from '../../core/severity.ts'
import { reviewRules } from '../../gate/review/rules.generated.ts'
import { sarifLog, type SarifLevel, type SarifLog, type SarifResult, type SarifRule } from '../../report/sarif.ts'
import { version } from '../version.ts'
import { checkoutOf, uriIn } from './repository.ts'
import { rulePage } from './rule-page.ts'

const levels: Readonly<Record<Severity, SarifLevel>> = {
  info: 'note',
  warning: 'warning',
  error: 'error',
  critical: 'error',
}

/** GitHub shows no more of a run, and refuses one with five times as many. The worst come first. */
const mostResults = 5000

/** The review as code hosts show it: each finding on the line of its statement, with the page of its rule. */
export function reviewSarif(report: ReviewReport, cwd: string): SarifLog {
  const checkout = checkoutOf(cwd)
  const shown = report.findings.slice(0, mostResults)
  const left = report.findings.length - shown.length
  const found = new Set(report.findings.map(({ rule }) => rule))
  const seen = new Map<string, number>()
  return sarifLog({
    version: version(),
    rules: [
      ...reviewRules.map(({ id, question, severity }): SarifRule => ({
        id,
        shortDescription: { text: question },
        fullDescription: { text: question },
        help: helpOf(id, found.has(id) ? rulePage(id) : ''),
        defaultConfiguration: { level: levels[severity] },
      })),
      ...[...found].filter((id) => id.startsWith('squawk/')).map(ofSquawk),
    ],
    results: shown.map((finding): SarifResult => {
      const uri = uriIn(checkout, resolve(cwd, finding.file))
      const about = `${uri}\n${finding.rule}\n${finding.object}`
      const nth = seen.get(about) ?? 0
      seen.set(about, nth + 1)
      return resultOf(finding, uri, fingerprint(about, nth))
    }),
    notifications: [
      ...report.blind.map((text) => `not seen: ${text}`),
      ...(left > 0 ? [`${left} more findings are not listed here: --format json has them`] : []),
    ].map((text) => ({ level: 'warning', message: { text } })),
  })
}

function helpOf(id: string, page: string): SarifRule['help'] {
  const where = `docs/gate/review/${id}.md`
  return page === '' ? { text: `See ${where}.` } : { text: page, markdown: page }
}

const ofSquawk = (id: string): SarifRule => ({
  id,
  shortDescription: { text: `Squawk: ${id.replace('squawk/', '')}` },
  fullDescription: { text: `A finding of Squawk, taken in as a second opinion: ${id.replace('squawk/', '')}.` },
  help: { text: 'https://squawkhq.com/docs/' },
  defaultConfiguration: { level: 'warning' },
})

const resultOf = (finding: ReviewFinding, uri: string, print: string): SarifResult => ({
  ruleId: finding.rule,
  level: levels[finding.severity],
  message: { text: `${finding.message}. ${finding.remedy}` },
  locations: [
    {
      logicalLocations: [{ name: finding.object, fullyQualifiedName: finding.object, kind: 'resource' }],
      physicalLocation: { artifactLocation: { uri }, region: { startLine: finding.line } },
    },
  ],
  partialFingerprints: { 'antemortemFinding/v1': print },
})

/** Of what the finding is about and where, never of its words or line: both move. The second of its kind is another one. */
const fingerprint = (about: string, nth: number): string =>
  createHash('sha256')
    .update(nth === 0 ? about : `${about}\n${nth}`)
    .digest('hex')
