import type { Case, Cause, Diagnosis, MeasuredSuspect, Suspect } from '../core/diagnosis.ts'
import type { Finding } from '../core/finding.ts'
import { atLeast } from '../core/severity.ts'
import { amplifiers } from './amplifiers.ts'
import { compare } from './look.ts'
import { inTime, rank, toDiagnosed, type Candidate } from './rank.ts'
import { isStanding } from './standing.ts'
import { unexplainedCodes } from './unexplained.ts'
import { notSeen } from './unread.ts'

/** One diagnosis of one case. Pure: the same case gives the same bytes on any machine, in any zone and locale. */
export function diagnose(c: Case, causes: readonly Cause[], suspects: readonly Suspect[]): Diagnosis {
  const ranked = rank(causes, c)
  const standing = ranked.filter(({ verdict }) => verdict !== 'ruled-out')
  const harm = c.findings.filter(({ severity }) => severity === 'critical')
  const named = standing.filter(({ verdict }) => verdict === 'confirmed' || verdict === 'probable')
  const unexplained = harm.filter((finding) => !isExplained(finding, named))
  const measured = suspects.map((suspect) => measure(suspect, c))
  const first = standing[0]
  const verdict = verdictOf(first, harm.length, unexplained.length)
  const listed = ranked.map((candidate) => toDiagnosed(candidate, c))
  const mentioned = new Set(
    listed.flatMap(({ trigger, triggers }) => [...(trigger === undefined ? [] : [trigger]), ...(triggers ?? [])]),
  )
  const blind = notSeen(c)
  const nextProbe = standing.find(({ match }) => match.missing !== undefined)?.match.missing
  return {
    atMs: c.atMs,
    cluster: c.cluster,
    verdict,
    causes: listed,
    effects: sorted(c.findings.filter((finding) => isExplained(finding, named)).map(({ check }) => check)),
    amplifiers: amplifiers(c),
    suspects: measured,
    unexplained: sorted([
      ...c.findings
        .filter(
          (finding) => atLeast(finding.severity, 'error') && !isStanding(c, finding) && !isExplained(finding, named),
        )
        .map(({ check, node }) => (node === undefined ? check : `${check} on ${node}`)),
      ...(verdict === 'unknown' ? unexplainedCodes(c) : []),
    ]),
    ...(verdict !== 'healthy' && verdict !== 'confirmed' && nextProbe !== undefined && { next_probe: nextProbe }),
    ...(blind.length > 0 && { not_seen: blind }),
    changes: inTime(c.changes).filter(({ id }) => mentioned.has(id)),
  }
}

/** Harm that no named cause explains, and that weighs more than what is explained, makes it unknown: an honest answer. */
function verdictOf(first: Candidate | undefined, harm: number, unexplained: number): Diagnosis['verdict'] {
  if (first && (first.verdict === 'confirmed' || first.verdict === 'probable') && unexplained <= harm - unexplained)
    return first.verdict
  return harm > 0 ? 'unknown' : 'healthy'
}

const isExplained = (finding: Finding, named: readonly Candidate[]): boolean =>
  named.some(({ match }) =>
    match.explains.some(
      ({ check, node }) => node === (finding.node ?? null) && (check === finding.check || finding.check === onlyWords),
    ),
  )

/** New errors in the log of a node are what the cause that hurts there looks like from inside. */
const onlyWords = 'errors/new-after-change'

function measure(suspect: Suspect, c: Case): MeasuredSuspect {
  const result = suspect.measure(c)
  if (!result.seen)
    return { id: suspect.id, verdict: 'not-tested', measured: null, limit: null, unit: null, why: result.detail }
  const { measured, limit, unit, implicated, why } = result.value
  return { id: suspect.id, verdict: implicated ? 'implicated' : 'ruled-out', measured, limit, unit, why }
}

const sorted = (words: readonly string[]): readonly string[] => [...new Set(words)].sort(compare)
