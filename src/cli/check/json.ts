import { severities } from '../../core/severity.ts'
import { checkResultJson, findingJson } from '../../shapes/finding.ts'
import { endedMuteJson, unnamedJson } from '../../shapes/check.ts'
import type { CheckReport } from './report.ts'
import { neededUrl } from './needed-url.ts'

/** The one document of `check --format json`. */
export function reportJson({ audits, checks, endedMutes, hasBaseline }: CheckReport) {
  const counted = audits.flatMap((audit) => audit.counted)
  const sum = (count: (audit: CheckReport['audits'][number]) => number): number =>
    audits.reduce((all, audit) => all + count(audit), 0)
  return {
    clusters: audits.map(({ name, nodes, results, unnamed, counted: heard, muted, known, resolved }) => ({
      name,
      nodes: nodes.map(({ name: node, role, version }) => ({ name: node, role, version })),
      results: results.map(checkResultJson),
      findings: [...heard, ...muted].map(findingJson),
      ...(hasBaseline && { known: known.map(findingJson), resolved }),
      unnamed: unnamed.map((server) => unnamedJson(server, neededUrl(server, nodes))),
    })),
    summary: {
      checks: checks.length,
      ...Object.fromEntries(
        severities.map((severity) => [severity, counted.filter((finding) => finding.severity === severity).length]),
      ),
      blind: sum(({ results }) => results.reduce((all, { blind }) => all + blind.length, 0)),
      muted: sum(({ muted }) => muted.length),
      ...(hasBaseline && { known: sum(({ known }) => known.length), resolved: sum(({ resolved }) => resolved.length) }),
    },
    ...(endedMutes.length > 0 && { ended_mutes: endedMutes.map(endedMuteJson) }),
  }
}
