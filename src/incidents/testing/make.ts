import type { DiagnosedCause, Diagnosis, MeasuredSuspect } from '../../core/diagnosis.ts'
import type { Finding } from '../../core/finding.ts'
import type { Decisions } from '../absorb.ts'
import { decide, noIncidents } from '../decide.ts'
import type { Rules, Settled } from '../decide.ts'

/** A contract that fails: harm once it is sustained. */
export const aFinding = (more: Partial<Finding> = {}): Finding => ({
  check: 'application/contract',
  subject: 'contract login:app1',
  severity: 'critical',
  message: 'nobody can log in on app1',
  evidence: {},
  remedy: 'Look at the diagnosis.',
  sinceMs: 0,
  sustained: true,
  ...more,
})

export const aCause = (id: string, verdict: DiagnosedCause['verdict'] = 'confirmed'): DiagnosedCause => ({
  id,
  subject: 'reports:public.users',
  verdict,
  evidence: [],
  explains: ['application/contract'],
  remedy: { words: 'Mend it.', commands: [] },
})

export const aSuspect = (
  id: MeasuredSuspect['id'],
  verdict: MeasuredSuspect['verdict'] = 'ruled-out',
): MeasuredSuspect => ({
  id,
  verdict,
  measured: 3,
  limit: 250,
  unit: 'ms',
  why: 'measured',
})

export const aDiagnosis = (causes: readonly DiagnosedCause[] = [], more: Partial<Diagnosis> = {}): Diagnosis => {
  const verdict = causes[0]?.verdict
  return {
    atMs: 0,
    cluster: 'auth',
    verdict: verdict === 'confirmed' || verdict === 'probable' ? verdict : 'unknown',
    causes,
    effects: [],
    amplifiers: [],
    suspects: [],
    unexplained: [],
    changes: [],
    ...more,
  }
}

export const someRules = (): Rules => {
  let last = 0
  return {
    cluster: 'auth',
    harm: {
      checks: new Set(['application/contract', 'application/outcomes', 'application/touched-tables']),
      counted: new Set(['application/outcomes']),
    },
    newId: () => {
      last += 1
      return `INC-${last}`
    },
  }
}

/** A watch without its loop: each turn says what is open and what is diagnosed, and gives the types of its events. */
export function aWatch(rules = someRules(), state: Decisions = noIncidents) {
  let open: readonly Finding[] = []
  const watch = {
    state,
    events: [] as readonly ReturnType<typeof decide>['events'][number][],
    turn(atMs: number, now: readonly Finding[], diagnosis: Settled['diagnosis'] = aDiagnosis()): readonly string[] {
      const has = (list: readonly Finding[], one: Finding): boolean =>
        list.some(({ check, subject }) => check === one.check && subject === one.subject)
      const opened = now.filter((finding) => !has(open, finding))
      const closed = open.filter((finding) => !has(now, finding))
      const decided = decide(watch.state, { atMs, opened, closed, open: now, diagnosis }, rules)
      open = now
      watch.state = decided.state
      watch.events = decided.events
      return decided.events.map(({ type }) => type)
    },
  }
  return watch
}
