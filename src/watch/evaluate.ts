import type { Change } from '../core/change.ts'
import type { Check } from '../core/check.ts'
import type { Mute } from '../core/configuration.ts'
import type { Case, Cause, Diagnosis, Suspect } from '../core/diagnosis.ts'
import type { EventBody } from '../core/event.ts'
import type { Finding } from '../core/finding.ts'
import type { Snapshot } from '../core/snapshot.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import { inspect, type Thresholds } from '../findings/inspect.ts'
import { withMutes } from '../findings/mute.ts'
import { settle, type OpenFindings } from '../findings/settle.ts'
import { newlyUnchecked, unchecked } from '../findings/unchecked.ts'
import { decide, type Decisions } from '../incidents/decide.ts'
import type { HarmRules } from '../incidents/harm.ts'
import { learnBand, loadOf, type Band } from './band.ts'
import { nextLastGood, type LastGood } from './last-good.ts'

/** How long snapshots are kept: longer than the longest lag that a check asks for. */
const historyMs = 120_000
/** From before the first symptom: the diagnosis looks this far back for counters that grew. */
const windowMs = 60_000
const changesMs = 4_500_000

export interface Catalogue {
  readonly checks: readonly Check[]
  readonly causes: readonly Cause[]
  readonly suspects: readonly Suspect[]
  readonly thresholds: Thresholds
  readonly mutes?: readonly Mute[]
}

export interface WatchState {
  readonly open: OpenFindings
  readonly history: readonly Snapshot[]
  readonly changes: readonly Change[]
  readonly lastGood: LastGood
  readonly band: Band
  readonly incidents: Decisions
  /** What cannot be looked at and was told already. */
  readonly told: ReadonlySet<string>
}

export interface Input {
  readonly snapshot: Snapshot
  readonly newChanges: readonly Change[]
  readonly unansweredMs: Readonly<Record<string, number>>
  /** Every node answered and was described. */
  readonly complete: boolean
  /** A new round over the nodes: only these are kept as history, and only they teach the band. */
  readonly isRound: boolean
  /** `watch.started` was told: before it nothing is said about what cannot be seen. */
  readonly started: boolean
  /** The name of the next incident, should one open. */
  readonly nextIncident: string
}

export interface Step {
  readonly state: WatchState
  readonly events: readonly EventBody[]
  /** What was judged, and how. */
  readonly case: Case
  readonly diagnosis: Diagnosis
}

/** One turn of the loop, without the loop: what is seen now, and what was known, make events. Pure. */
export function evaluate(state: WatchState, input: Input, catalogue: Catalogue): Step {
  const { snapshot } = input
  const { atMs } = snapshot
  const changes = [...state.changes, ...input.newChanges].filter((change) => change.atMs >= atMs - changesMs)
  const beside = { changes, unansweredMs: input.unansweredMs }
  const found = inspect(catalogue.checks, snapshot, state.history, catalogue.thresholds, beside)
  const results = withMutes(found, catalogue.mutes ?? [], atMs)
  const settled = settle(state.open, catalogue.checks, results, atMs, catalogue.thresholds)
  const open = [...settled.state.values()]
  // Somebody lives with what is muted: it is no outage, and no symptom of one.
  const heard = open.filter(({ muted }) => muted === undefined)
  // What stands since long and hurts nobody, a setting say, does not make the present state a bad one.
  const calm = !heard.some(({ severity }) => severity === 'critical')
  const band = learnBand(state.band, snapshot.nodes, calm && input.isRound)
  const lastGood = nextLastGood(state.lastGood, {
    atMs,
    complete: input.complete,
    green: calm && contractsGreen(snapshot),
    lastChangeMs: changes.at(-1)?.atMs ?? null,
  })
  const blind = unchecked(results)
  const { told, news } = input.started ? newlyUnchecked(state.told, blind) : { told: state.told, news: [] }
  const judged: Case = {
    cluster: snapshot.cluster,
    atMs,
    window: { fromMs: atMs - windowMs, toMs: atMs },
    findings: heard,
    changes,
    snapshot,
    earlier: state.history.find((past) => past.atMs >= atMs - windowMs) ?? null,
    lastGoodMs: lastGood.atMs,
    load: loadOf(band, snapshot.nodes),
    unansweredMs: input.unansweredMs,
    ...(blind.length > 0 && { unchecked: blind }),
  }
  const diagnosis = diagnose(judged, catalogue.causes, catalogue.suspects)
  const decided = decide(
    state.incidents,
    { atMs, opened: settled.opened, closed: settled.closed, open, diagnosis },
    { cluster: snapshot.cluster, harm: harmRules(catalogue.checks), newId: () => input.nextIncident },
  )
  return {
    state: {
      open: settled.state,
      history: input.isRound
        ? [...state.history.filter((past) => past.atMs >= atMs - historyMs), snapshot]
        : state.history,
      changes,
      lastGood,
      band,
      incidents: decided.state,
      told,
    },
    events: [
      ...input.newChanges.map((change): EventBody => ({ type: 'change.seen', change })),
      ...news.map((each): EventBody => ({ type: 'check.blind', unchecked: each })),
      ...decided.events,
    ],
    case: judged,
    diagnosis,
  }
}

/** Nothing declared is not green and not red: then only findings speak. */
function contractsGreen(snapshot: Snapshot): boolean {
  const { contracts, touched } = snapshot.facts
  const hold = !contracts.seen || contracts.value.every(({ ok }) => ok)
  return (
    hold && (!touched.seen || touched.value.every(({ verdict }) => verdict !== 'different' && verdict !== 'lagging'))
  )
}

/** Critical findings of these checks are harm. How long each must last is in the check itself. */
const harmRules = (checks: readonly Check[]): HarmRules => ({
  checks: new Set(checks.filter(({ harm }) => harm !== undefined).map(({ id }) => id)),
  counted: new Set(checks.filter(({ harm }) => harm === 'counted').map(({ id }) => id)),
})

/** The findings that hurt, for those who only want to know whether anything does. */
export const harmOf = (open: OpenFindings): readonly Finding[] =>
  [...open.values()].filter(({ severity, muted }) => severity === 'critical' && muted === undefined)
