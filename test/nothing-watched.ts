import { noIncidents } from '../src/incidents/decide.ts'
import type { WatchState } from '../src/watch/evaluate.ts'

/** Before the first look. */
export const nothingWatched: WatchState = {
  open: new Map(),
  history: [],
  changes: [],
  lastGood: { atMs: null },
  band: {},
  incidents: noIncidents,
  told: new Set(),
}
