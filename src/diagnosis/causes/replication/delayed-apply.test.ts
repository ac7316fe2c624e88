import { describe, expect, test } from 'vitest'
import {
  change,
  contracts,
  finding,
  lastGood,
  outcomes,
  snapshot,
  t0,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'replication/delayed-apply'
const findings = [finding('application/outcomes', { node: 'standby', subject: 'standby' })]
const stale = { contracts: contracts(), outcomes: outcomes({ standby: 'APP_BAD_HASH' }) }
const behind = { writeLsn: null, receiveLsn: '0/3000000', replayLsn: '0/2000000', replayPaused: false, timeline: 1 }
const paused = { ...behind, replayPaused: true }
const said = (given: Cluster, more: Parameters<typeof diagnosed>[0] = {}) =>
  diagnosed({ snapshot: snapshot({ facts: stale, ...given }), findings, ...more })

describe('a delay', () => {
  const delayed: Cluster = { standby: { wal: behind, settings: { recovery_min_apply_delay: '600000' } } }
  const set = change('standby:recovery_min_apply_delay', { kind: 'setting', before: '0', after: '600000' })

  test('that was set since all was good, with stale reads there: confirmed, with the change', () => {
    const diagnosis = said(delayed, { changes: [set] })
    expect(named(diagnosis)).toEqual([`${id} confirmed`])
    expect(diagnosis.causes[0]).toMatchObject({ subject: 'standby:recovery_min_apply_delay', trigger: set.id })
  })

  test('on purpose, since long: nobody’s outage, probable at most', () => {
    expect(named(said(delayed))).toEqual([`${id} probable`])
  })

  test('that nobody feels: possible', () => {
    expect(named(said({ ...delayed, facts: { ...stale, outcomes: outcomes({}) } }, { changes: [set] }))).toEqual([
      `${id} possible`,
    ])
  })

  test('of less than a second is not why', () => {
    const short: Cluster = { standby: { wal: behind, settings: { recovery_min_apply_delay: '100' } } }
    expect(named(said(short, { changes: [set] }))).toEqual([`${id} possible`])
  })

  test('on a standby that has replayed all is ruled out', () => {
    const level: Cluster = { standby: { settings: { recovery_min_apply_delay: '600000' } } }
    expect(named(said(level, { changes: [set] }))).toEqual([`${id} ruled-out`])
  })

  test('set beside a pause is not confirmed beside it', () => {
    const both: Cluster = { standby: { ...delayed.standby, wal: paused } }
    const diagnosis = said(both, { changes: [set], earlier: snapshot({ atMs: t0 - 20_000 }) })
    expect(diagnosis.causes.map(({ subject, verdict }) => `${subject} ${verdict}`)).toEqual([
      'standby confirmed',
      'standby:recovery_min_apply_delay probable',
    ])
  })
})

describe('a pause', () => {
  const given: Cluster = { standby: { wal: paused } }

  test('that was not there a moment ago: confirmed, and resumed', () => {
    const diagnosis = said(given, { earlier: snapshot({ atMs: t0 - 20_000 }) })
    expect(named(diagnosis)).toEqual([`${id} confirmed`])
    expect(diagnosis.causes[0]?.subject).toBe('standby')
    expect(diagnosis.causes[0]?.remedy.commands.join()).toContain('pg_wal_replay_resume')
  })

  test('that was not there when all was known good: confirmed for as long as it lasts', () => {
    const good = (replayPaused: boolean) =>
      lastGood({ standby: { replication: { inRecovery: true, replayPaused, slots: [] } } })
    expect(named(said({ ...given, facts: { ...stale, lastGood: good(false) } }))).toEqual([`${id} confirmed`])
    expect(named(said({ ...given, facts: { ...stale, lastGood: good(true) } }))).toEqual([`${id} probable`])
  })

  test('that nobody saw begin: probable', () => {
    expect(named(said(given))).toEqual([`${id} probable`])
  })

  test('because a primary’s setting was raised above the standby’s: that setting, raised there and never resumed', () => {
    const raised = change('primary:max_connections', { kind: 'setting', before: '60', after: '90' })
    const diagnosis = said(
      {
        primary: { settings: { max_connections: '90' } },
        standby: { wal: paused, settings: { max_connections: '60' } },
      },
      { changes: [raised] },
    )
    expect(named(diagnosis)).toEqual([`${id} confirmed`])
    expect(diagnosis.causes[0]).toMatchObject({ subject: 'standby:max_connections', trigger: raised.id })
    expect(diagnosis.causes[0]?.remedy.commands.join()).not.toContain('resume')
    expect(diagnosis.causes[0]?.remedy.commands.join()).toContain('max_connections = 90')
  })
})

test('a setting that is lower on a standby that replays is no cause', () => {
  const given = {
    primary: { settings: { max_connections: '90' } },
    standby: { wal: behind, settings: { max_connections: '60' } },
  }
  expect(named(said(given)).join()).not.toContain(id)
})

test('a standby that is only behind is not delayed', () => {
  expect(named(said({ standby: { wal: behind } }))).toEqual([])
})

test('failures on the primary alike are not the standby’s delay', () => {
  const given: Cluster = {
    standby: { wal: behind, settings: { recovery_min_apply_delay: '600000' } },
    facts: { ...stale, outcomes: outcomes({ primary: 'APP_X', standby: 'APP_X' }) },
  }
  const set = change('standby:recovery_min_apply_delay', { kind: 'setting', before: '0', after: '600000' })
  expect(named(said(given, { changes: [set] }))).toEqual([`${id} possible`])
})
