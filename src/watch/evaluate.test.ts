import { expect, test } from 'vitest'
import { snapshot, t0 } from '../../test/builders.ts'
import { nothingWatched } from '../../test/nothing-watched.ts'
import { defineCheck } from '../core/check.ts'
import type { Mute } from '../core/configuration.ts'
import { evaluate, harmOf, type WatchState } from './evaluate.ts'

const check = defineCheck({
  id: 'connections/contract',
  on: ['postgres'],
  severity: 'critical',
  needs: [],
  harm: true,
  question: '?',
  seeds: [],
  *run() {
    yield { subject: 'contract old:app1', message: 'nobody can log in', evidence: {}, remedy: 'mend it' }
  },
})

const turn = (state: WatchState, mutes: readonly Mute[], atMs: number) =>
  evaluate(
    state,
    {
      snapshot: snapshot({ atMs }),
      newChanges: [],
      unansweredMs: {},
      complete: true,
      isRound: true,
      started: true,
      nextIncident: 'INC-1',
    },
    { checks: [check], causes: [], suspects: [], thresholds: {}, mutes },
  )

test('what is muted is told with its owner, opens no incident and is no symptom; when the mute ends it is all of that', () => {
  const mute: Mute = {
    check: 'connections/*',
    subject: null,
    owner: 'ann',
    reason: 'an old client',
    untilMs: t0 + 5000,
  }
  const muted = turn(nothingWatched, [mute], t0)
  expect(muted.events).toMatchObject([{ type: 'finding.opened', finding: { muted: { owner: 'ann' } } }])
  expect([muted.case.findings, harmOf(muted.state.open)]).toEqual([[], []])
  expect(muted.diagnosis.verdict).toBe('healthy')
  const later = turn(muted.state, [mute], t0 + 5000)
  expect(later.events.map(({ type }) => type)).toContain('incident.opened')
  expect(later.case.findings).toMatchObject([{ sinceMs: t0 }])
})
