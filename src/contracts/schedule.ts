import type { ContractFact } from '../core/facts/cluster.ts'
import type { SessionsFact } from '../core/facts/postgres/sessions.ts'

const limits = {
  everyMs: { default: 5_000, unit: 'ms', why: 'a probe must not become the outage' },
  suspectedMs: { default: 1_000, unit: 'ms', why: 'three failures in a row are to be known within some seconds' },
  authFailures: { default: 3, unit: 'count', why: 'what counts failed logins locks the role of the application out' },
  authRetryMs: { default: 60_000, unit: 'ms', why: 'a password mended on the server shows nowhere that we read' },
  freeSessions: {
    default: 3,
    unit: 'count',
    why: 'the last sessions belong to the application; that they are few is the finding',
  },
  freeWalsenders: { default: 1, unit: 'count', why: 'the last one is for who comes back' },
} as const

/** What is known of one target's probes. */
export interface ProbeState {
  readonly lastMs: number | null
  readonly failures: number
  readonly authFailures: number
  /** What the last login was made with: its settings file's time and its role's row, as far as they are seen. */
  readonly credentials: string
}

export interface ProbeCircumstances {
  readonly nowMs: number
  /** A finding or an incident is open on this contract or node. */
  readonly suspected: boolean
  readonly credentials: string
  /** Of the node, as last seen; null where it was not. */
  readonly sessions: SessionsFact | null
  /** For a login of replication alone: walsenders that are left there; null where that was not seen. */
  readonly walsenders?: number | null | undefined
}

export type ProbeDecision =
  | { readonly probe: true }
  | {
      readonly probe: false
      readonly why: 'not-due' | 'backed-off' | 'few-sessions-left'
      readonly nextMs: number
      readonly words: string
    }

export const neverProbed: ProbeState = { lastMs: null, failures: 0, authFailures: 0, credentials: '' }

/** Is it time to connect? Pure: the loop asks it every tick. */
export function decide(state: ProbeState, now: ProbeCircumstances): ProbeDecision {
  const isBackedOff = state.authFailures >= limits.authFailures.default && state.credentials === now.credentials
  const isSuspected = now.suspected || state.failures > 0
  const pauseMs = isBackedOff
    ? limits.authRetryMs.default
    : isSuspected
      ? limits.suspectedMs.default
      : limits.everyMs.default
  const nextMs = state.lastMs === null ? now.nowMs : state.lastMs + pauseMs
  if (isBackedOff && now.nowMs < nextMs)
    return {
      probe: false,
      why: 'backed-off',
      nextMs,
      words: `${state.authFailures} logins were refused; the next after a change of the settings file or the role, or in ${seconds(nextMs - now.nowMs)}`,
    }
  // A credential that changed is tried at once: it is what everybody waits for.
  const isNew = state.authFailures > 0 && state.credentials !== now.credentials
  if (now.nowMs < nextMs && !isNew)
    return { probe: false, why: 'not-due', nextMs, words: `next in ${seconds(nextMs - now.nowMs)}` }
  const isReplication = now.walsenders !== undefined
  const left = isReplication ? now.walsenders : sessionsLeft(now.sessions)
  if (left !== null && left <= (isReplication ? limits.freeWalsenders : limits.freeSessions).default)
    return {
      probe: false,
      why: 'few-sessions-left',
      nextMs: now.nowMs + limits.suspectedMs.default,
      words: `${left} ${isReplication ? 'walsenders' : 'sessions'} are left for everybody; the probe takes none of them`,
    }
  return { probe: true }
}

/** What is known after a probe. */
export function after(state: ProbeState, fact: ContractFact, credentials: string): ProbeState {
  const isAuth = fact.layer === 'auth'
  const authFailures = isAuth ? (state.credentials === credentials ? state.authFailures : 0) + 1 : 0
  return { lastMs: fact.atMs, failures: fact.failures, authFailures, credentials }
}

/** Sessions that an ordinary role can still open. */
const sessionsLeft = (sessions: SessionsFact | null): number | null =>
  sessions === null ? null : Math.max(0, sessions.maxConnections - sessions.reserved - sessions.total)

const seconds = (ms: number): string => `${Math.max(1, Math.ceil(ms / 1_000))} s`
