import type { Case, Cause, CauseVerdict, DiagnosedCause, Match } from '../core/diagnosis.ts'
import type { Change } from '../core/change.ts'
import { canonicalJson } from '../core/json.ts'
import { compare } from './look.ts'

export interface Candidate {
  readonly cause: Cause
  readonly match: Match
  readonly verdict: CauseVerdict
  /** A confirmed root that it can follow from. */
  readonly follows: string | null
}

/**
 * The one place where verdicts are made. Confirmed: the misconfiguration itself was read, it is new since all was good, and harm
 * was measured on that very node and object. Without harm it is a finding; without news, an old state that hurts: probable.
 */
export function verdictOf(match: Match): CauseVerdict {
  if (match.refutedBy) return 'ruled-out'
  if (match.direct.length > 0 && match.harm.length > 0) return match.isNew ? 'confirmed' : 'probable'
  if (match.indirect.length > 0 && match.harm.length > 0) return 'probable'
  return 'possible'
}

const weight: Readonly<Record<CauseVerdict, number>> = {
  confirmed: 0,
  probable: 1,
  possible: 2,
  'not-tested': 3,
  'ruled-out': 4,
}

/**
 * A total order: what no confirmed cause stands upstream of, then the verdict, then effects explained, then directness, then a
 * matching earlier change, then id and subject; one publication may lack a table for two subscribers, so then all that was read.
 */
export function rank(causes: readonly Cause[], c: Case): readonly Candidate[] {
  const found = causes.flatMap((cause) =>
    [...cause.recognise(c)].map((match): Candidate => ({ cause, match, verdict: verdictOf(match), follows: null })),
  )
  const confirmed = found
    .filter(({ verdict }) => verdict === 'confirmed')
    .sort((a, b) => compare(a.cause.id, b.cause.id) || compare(a.match.subject, b.match.subject))
  const told = found.map((candidate): Candidate => {
    const root = confirmed.find(
      (other) => other !== candidate && candidate.cause.follows.includes(other.cause.id) && isNear(other, candidate),
    )
    if (!root) return candidate
    return {
      ...candidate,
      follows: root.cause.id,
      verdict: weight[candidate.verdict] < weight.possible ? 'possible' : candidate.verdict,
    }
  })
  return told.sort(
    (a, b) =>
      Number(a.follows !== null) - Number(b.follows !== null) ||
      weight[a.verdict] - weight[b.verdict] ||
      explained(b) - explained(a) ||
      b.match.direct.length - a.match.direct.length ||
      Number(triggersOf(b.match, c).length > 0) - Number(triggersOf(a.match, c).length > 0) ||
      compare(a.cause.id, b.cause.id) ||
      compare(a.match.subject, b.match.subject) ||
      compare(canonicalJson(dataOf(a.match)), canonicalJson(dataOf(b.match))),
  )
}

const dataOf = ({ isTrigger, ...data }: Match): Omit<Match, 'isTrigger'> => data

const explained = ({ match }: Candidate): number =>
  new Set(match.explains.map(({ check, node }) => `${check}\n${node ?? ''}`)).size

/** On the same node, or where the other looks to: a cause elsewhere explains nothing here. */
const isNear = (root: Candidate, other: Candidate): boolean => {
  const there = new Set(nodesOf(root.match))
  return [...nodesOf(other.match), ...(other.match.followsOn ?? [])].some((node) => there.has(node))
}

const nodesOf = ({ explains, harm }: Match): readonly string[] =>
  [...explains, ...harm].flatMap(({ node }) => (node === null ? [] : [node]))

/**
 * Changes that may have set it off: they touch one of its objects, and may lie before the first symptom. The objects stand in
 * the order in which they name it most closely.
 */
export function triggersOf(match: Match, c: Case): readonly Change[] {
  const first = firstSymptomMs(match, c)
  const { objects, isTrigger = () => true } = match
  const earlier = inTime(c.changes).filter(
    (change) => objects.includes(change.object) && change.notBeforeMs <= first && isTrigger(change),
  )
  for (const object of objects) {
    const named = earlier.filter((change) => change.object === object)
    if (named.length === 0) continue
    // Where a thing came or went, that is the trigger; what happened to it beside that is not.
    const decisive = named.filter(({ before, after }) => before === null || after === null)
    return firstTold(decisive.length > 0 ? decisive : named)
  }
  return []
}

/** A file that is written is read within this time, where it is reloaded at all. */
const retoldMs = 60_000

/**
 * One change is told more than once: the file that was written, then the setting that the server read from it. What another
 * source says of the same object soon after, or in the same words, is the same; the earliest tells when it was done.
 */
const firstTold = (changes: readonly Change[]): readonly Change[] =>
  changes.filter(
    (change, n) =>
      !changes
        .slice(0, n)
        .some(
          (told) =>
            told.source !== change.source && (told.after === change.after || change.atMs - told.atMs <= retoldMs),
        ),
  )

export const inTime = (changes: readonly Change[]): readonly Change[] =>
  changes.toSorted((a, b) => a.atMs - b.atMs || compare(a.id, b.id))

const firstSymptomMs = (match: Match, c: Case): number =>
  Math.min(
    c.atMs,
    ...c.findings
      .filter((finding) =>
        match.explains.some(({ check, node }) => check === finding.check && node === (finding.node ?? null)),
      )
      .map(({ sinceMs }) => sinceMs),
  )

export function toDiagnosed(candidate: Candidate, c: Case): DiagnosedCause {
  const { cause, match, verdict, follows } = candidate
  const triggers = triggersOf(match, c)
  const only = triggers.length === 1 ? triggers[0] : undefined
  return {
    id: cause.id,
    subject: match.subject,
    verdict,
    evidence: dedupe([
      ...match.direct,
      ...match.indirect,
      ...match.harm,
      ...(match.refutedBy ? [match.refutedBy] : []),
    ]),
    explains: [...new Set(match.explains.map(({ check }) => check))].sort(compare),
    ...(follows !== null && { follows }),
    ...(only && { trigger: only.id }),
    ...(triggers.length > 1 && { triggers: triggers.map(({ id }) => id) }),
    ...(match.missing !== undefined && { missing: match.missing }),
    remedy: match.remedy,
  }
}

const dedupe = <T extends { readonly words: string }>(evidence: readonly T[]): readonly T[] =>
  evidence.filter(({ words }, index) => evidence.findIndex((other) => other.words === words) === index)
