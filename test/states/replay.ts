import { checks } from '../../src/checks/list.generated.ts'
import type { Diagnosis } from '../../src/core/diagnosis.ts'
import type { Finding } from '../../src/core/finding.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { causes } from '../../src/diagnosis/causes.generated.ts'
import { suspects } from '../../src/diagnosis/suspects.generated.ts'
import { evaluate, type Catalogue, type WatchState } from '../../src/watch/evaluate.ts'
import { nothingWatched } from '../nothing-watched.ts'
import { later, type Look } from './look.ts'

export const catalogue: Catalogue = { checks, causes, suspects, thresholds: {} }

/** What the watch says of a state, in lines that stand in the table of what should fire. */
export interface Told {
  /** `severity check subject`, sorted; of sessions and files of relations only that it is one. */
  readonly found: readonly string[]
  /** `verdict cause subject`, in the order of the diagnosis; without what is ruled out. */
  readonly causes: readonly string[]
  /** Somebody is woken. */
  readonly incident: boolean
}

/** Before it is judged for good it is looked at once more, so soon: no check decides from a single sample. */
const onceMoreMs = 1_000

/** How a broken state goes on from its three looks until it has lasted for so long. */
export const lasting = ([before, first, last]: readonly [Look, Look, Look], laterMs: number): readonly Look[] => [
  before,
  first,
  last,
  ...(laterMs === 0 ? [] : [later(last, laterMs - onceMoreMs), later(last, laterMs)]),
]

/** Hands the looks to the watch's own loop, one after the other, and tells what it says after the last of them. */
export function tell(looks: readonly Look[]): Told {
  const { state, incident, diagnosis } = replayed(looks)
  return {
    found: [...new Set([...state.open.values()].map(line))].toSorted(),
    causes: (diagnosis?.causes ?? [])
      .filter(({ verdict }) => verdict !== 'ruled-out')
      .map(({ verdict, id, subject }) => `${verdict} ${id} ${plain(subject)}`),
    incident,
  }
}

/** The changes that the last diagnosis names as the trigger of each cause, or lists as its possible triggers. */
export function triggers(looks: readonly Look[]): readonly string[] {
  const { causes, changes } = replayed(looks).diagnosis ?? { causes: [], changes: [] }
  return causes.flatMap(({ id, trigger, triggers: several = [] }) =>
    [...(trigger === undefined ? [] : [trigger]), ...several].map((change) => {
      const { object, before, after } = changes.find((each) => each.id === change) ?? { object: change }
      return `${id}: ${object} ${before ?? '-'} -> ${after ?? '-'}`
    }),
  )
}

function replayed(looks: readonly Look[]) {
  let state: WatchState = nothingWatched
  let diagnosis: Diagnosis | null = null
  let incident = false
  for (const { snapshot, changes, unansweredMs } of looks) {
    const step = evaluate(
      state,
      {
        snapshot,
        newChanges: changes,
        unansweredMs,
        started: true,
        complete: isComplete(snapshot),
        nextIncident: `INC-${Object.keys(state.incidents.incidents).length + 1}`,
        isRound: true,
      },
      catalogue,
    )
    state = step.state
    incident ||= step.events.some(({ type }) => type === 'incident.opened')
    diagnosis = step.diagnosis
  }
  return { state, diagnosis, incident }
}

const isComplete = ({ nodes }: Snapshot): boolean =>
  // One without a role is the second name of another.
  nodes.every(
    ({ role, facts }) => role === null || (facts.tables.seen && facts.subscriptions.seen && facts.server.seen),
  )

const line = ({ severity, check, subject }: Finding): string => `${severity} ${check} ${plain(subject)}`

/** Numbers that are others each time. */
const plain = (subject: string): string =>
  subject
    .replace(/\bpid \d+/, 'pid')
    .replace(/base\/[\d/]+/, 'base')
    .replace(/pg_\d+_sync_\d+_\d+/, 'pg_sync')
