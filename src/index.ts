/**
 * What a program may use of Antemortem: the part that judges. It is pure: values in, values out, no database and no clock.
 * The command line is the way to everything else. What is not exported here may change without notice.
 *
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { causes, diagnose, readBundle, suspects } from 'antemortem'
 *
 * const { case: what } = readBundle(readFileSync('incident.json', 'utf8'), 'incident.json')
 * const { verdict, causes: named } = diagnose(what, causes, suspects)
 * console.log(verdict, named[0]?.id, named[0]?.subject)
 * ```
 */

/** The built-in catalogues: checks say what is wrong, causes why, suspects what it is not. */
export { checks } from './checks/list.generated.ts'
export { causes } from './diagnosis/causes.generated.ts'
export { suspects } from './diagnosis/suspects.generated.ts'

/** Types of one's own entries, which may be handed over together with the built-in ones or instead of them. */
export { defineCheck, type Check, type CheckNode, type CheckView, type Limit } from './core/check.ts'
export type { Case, Cause, Evidence, Match, Measurement, Remedy, Suspect } from './core/diagnosis.ts'

/** Runs checks over a snapshot. */
export { inspect, type Thresholds } from './findings/inspect.ts'
export type { Blind, CheckResult, Draft, Finding } from './core/finding.ts'
export type { Severity } from './core/severity.ts'
export type { Observation, Unseen } from './core/observation.ts'
export type { NodeRole, NodeView, Snapshot } from './core/snapshot.ts'

/** Judges a case: the same case gives the same diagnosis, byte for byte. */
export { diagnose } from './diagnosis/diagnose.ts'
export type { Bundle, DiagnosedCause, Diagnosis, MeasuredSuspect } from './core/diagnosis.ts'
export type { Change, ChangeKind } from './core/change.ts'

/** Reads what `--bundle` wrote; throws an `AntemortemError` on anything else. */
export { readBundle } from './shapes/bundle.ts'

/** The published JSON: its schemas (zod), and a diagnosis in that form, as `--format json` prints it. */
export { shapes } from './shapes/shapes.ts'
export { diagnosisJson } from './shapes/diagnosis.ts'

/** What the user can act on: message, hint, and the exit code that the command line would give. */
export { AntemortemError, type ExitCode } from './core/error.ts'
