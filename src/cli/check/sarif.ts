import { createHash } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { isAbsolute } from 'node:path'
import type { Finding } from '../../core/finding.ts'
import type { Severity } from '../../core/severity.ts'
import { sarifLog, type SarifLevel, type SarifLocation, type SarifLog, type SarifResult } from '../../report/sarif.ts'
import { checkPage } from '../../shapes/finding.ts'
import { version } from '../version.ts'
import type { KnownFinding } from './baseline.ts'
import type { AuditReport, CheckReport } from './report.ts'

const levels: Readonly<Record<Severity, SarifLevel>> = {
  info: 'note',
  warning: 'warning',
  error: 'error',
  critical: 'error',
}

/** The report as code hosts and editors take it: a check is a rule, a finding a result on its subject. */
export function reportSarif(report: CheckReport): SarifLog {
  return sarifLog({
    version: version(),
    rules: report.checks.map(({ id, question, severity }) => ({
      id,
      shortDescription: { text: question },
      fullDescription: { text: `${question} What is behind it, how to look by hand and what to do: ${checkPage(id)}.` },
      help: { text: checkPage(id), markdown: `[${checkPage(id)}](${checkPage(id)})` },
      defaultConfiguration: { level: levels[severity] },
    })),
    results: report.audits.flatMap((audit) => resultsOf(audit, report)),
    notifications: report.audits.flatMap(({ results }) =>
      results.flatMap(({ check, blind }) =>
        blind.map(({ node, detail, remedy }) => ({
          level: 'warning' as const,
          message: { text: `not seen on ${node}: ${detail}. ${remedy}` },
          associatedRule: { id: check },
        })),
      ),
    ),
  })
}

function resultsOf(audit: AuditReport, report: CheckReport): readonly SarifResult[] {
  const state = (baselineState: 'new' | 'unchanged' | 'absent') => (report.hasBaseline ? { baselineState } : {})
  const result = (finding: KnownFinding & { readonly remedy?: string }): SarifResult => ({
    ruleId: finding.check,
    level: levels[finding.severity],
    message: { text: finding.remedy === undefined ? finding.message : `${finding.message}. ${finding.remedy}` },
    locations: [locationOf(audit.name, finding, report.source)],
    partialFingerprints: { 'antemortemFinding/v1': fingerprint(audit.name, finding) },
  })
  const suppressed = ({ muted }: Finding) =>
    muted === undefined
      ? {}
      : { suppressions: [{ kind: 'external' as const, justification: `${muted.owner}: ${muted.reason}` }] }
  return [
    ...audit.counted.map((finding) => ({ ...result(finding), ...state('new') })),
    ...audit.known.map((finding) => ({ ...result(finding), ...state('unchanged') })),
    ...audit.muted.map((finding) => ({ ...result(finding), ...suppressed(finding) })),
    ...audit.resolved.map((finding) => ({ ...result(finding), ...state('absent') })),
  ]
}

/** The subject; and the line of the configuration that names its node, because some hosts show nothing without a file. */
function locationOf(cluster: string, { subject, node }: KnownFinding, source: CheckReport['source']): SarifLocation {
  const logical = [{ name: subject, fullyQualifiedName: `${cluster}/${subject}`, kind: 'resource' }]
  if (source === null) return { logicalLocations: logical }
  const place = source.places[`clusters.${cluster}.nodes.${node}.url`] ?? source.places[`clusters.${cluster}.engine`]
  const line = Number(/:(\d+):\d+$/.exec(place ?? '')?.[1] ?? 1)
  const uri = isAbsolute(source.file) ? pathToFileURL(source.file).href : encodeURI(source.file)
  return {
    logicalLocations: logical,
    physicalLocation: { artifactLocation: { uri }, region: { startLine: line } },
  }
}

/** Of what the finding is about, never of its words: they hold numbers that move. */
const fingerprint = (cluster: string, { check, subject }: KnownFinding): string =>
  createHash('sha256').update(`${cluster}\n${check}\n${subject}`).digest('hex')
