import { describe, expect, test } from 'vitest'
import {
  canary,
  change,
  contracts,
  finding,
  outcomes,
  publication,
  snapshot,
  subscription,
  subscriptionState,
  table,
  touched,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'replication/publication-incomplete'
const tables = [table('users'), table('user_credentials')]
const created = change('primary:public.user_credentials')
const rows = finding('replication/row-consistency', { subject: 'subscriber:public.user_credentials' })
const failing = finding('application/outcomes')
const none = { roles: [], sessions: 0, scans: 0 }

/** Seed 0: the table is new, not carried, and the application reads it on the subscriber. */
const seed = (more: Cluster = {}) =>
  snapshot({
    primary: { tables },
    subscriber: { tables },
    ...more,
    facts: {
      touched: [touched('user_credentials')],
      contracts: contracts(),
      canaries: [canary()],
      outcomes: outcomes({ subscriber: 'APP_NO_SUCH_USER' }),
      ...more.facts,
    },
  })

describe('seed 0', () => {
  const diagnosis = diagnosed({ snapshot: seed(), changes: [created], findings: [rows, failing] })

  test('is confirmed, with the table, its publication and the change that made it', () => {
    expect(diagnosis.verdict).toBe('confirmed')
    expect(diagnosis.causes).toMatchObject([
      {
        id,
        verdict: 'confirmed',
        subject: 'primary:publication pub:public.user_credentials',
        trigger: created.id,
        explains: ['application/outcomes', 'replication/row-consistency'],
      },
    ])
    expect(diagnosis.unexplained).toEqual([])
  })

  test('rules out all five suspects by a number', () => {
    expect(diagnosis.suspects.map(({ id: suspect, verdict }) => `${suspect} ${verdict}`)).toEqual([
      'application-code ruled-out',
      'deployment ruled-out',
      'load ruled-out',
      'network ruled-out',
      'server-down ruled-out',
    ])
    expect(diagnosis.suspects.every(({ measured }) => typeof measured === 'number')).toBe(true)
  })

  test('gives the orders that mend it', () => {
    expect(diagnosis.causes[0]?.remedy.commands).toEqual([
      'on primary: alter publication pub add table public.user_credentials;',
      'on subscriber: alter subscription sub refresh publication;',
      'antemortem verify --table public.user_credentials',
    ])
  })

  test('is confirmed without outcomes as well: the rows differ where the application’s login reads them', () => {
    const { canaries, contracts: results, touched: compared } = seed().facts
    const silent = {
      ...seed(),
      facts: { ...seed().facts, outcomes: snapshot().facts.outcomes, canaries, contracts: results, touched: compared },
    }
    expect(named(diagnosed({ snapshot: silent, changes: [created], findings: [rows] }))).toEqual([`${id} confirmed`])
  })

  test('lists the candidates where two changes could have set it off', () => {
    const twice = [created, change('primary:public.user_credentials', { id: 'again', atMs: created.atMs + 500 })]
    const [cause] = diagnosed({ snapshot: seed(), changes: twice, findings: [rows, failing] }).causes
    expect(cause?.trigger).toBeUndefined()
    expect(cause?.triggers).toHaveLength(2)
  })

  test('names no change that came after the first symptom', () => {
    const late = { ...created, notBeforeMs: rows.sinceMs + 1, atMs: rows.sinceMs + 2 }
    expect(
      diagnosed({ snapshot: seed(), changes: [late], findings: [rows, failing] }).causes[0]?.trigger,
    ).toBeUndefined()
  })

  test('is probable at most while nothing is known good', () => {
    expect(
      named(diagnosed({ snapshot: seed(), changes: [created], findings: [rows, failing], lastGoodMs: null })),
    ).toEqual([`${id} probable`])
  })
})

test.each([
  [
    'removed from the publication',
    publication(['users']),
    subscription(['users', 'user_credentials']),
    'not-in-publication',
  ],
  [
    'published, and the subscription never refreshed',
    publication(['users', 'user_credentials']),
    subscription(['users']),
    'not-refreshed',
  ],
  [
    'carried without its updates',
    publication(['users', 'user_credentials'], {
      publishes: { insert: true, update: false, delete: true, truncate: true },
    }),
    subscription(['users', 'user_credentials']),
    'operations',
  ],
  [
    'carried in part, by a row filter',
    publication([], {
      tables: [{ schema: 'public', name: 'user_credentials', columns: null, rowFilter: 'user_id < 500' }],
    }),
    subscription(['user_credentials']),
    'row-filter',
  ],
  [
    'carried in part, by a column list',
    publication([], { tables: [{ schema: 'public', name: 'user_credentials', columns: ['id'], rowFilter: null }] }),
    subscription(['user_credentials']),
    'column-list',
  ],
])('a table that is %s is the same cause', (_, pub, sub, gap) => {
  const snap = seed({ primary: { tables, publications: [pub] }, subscriber: { tables, subscriptions: [sub] } })
  const [cause] = diagnosed({ snapshot: snap, changes: [created], findings: [rows, failing] }).causes
  expect(cause).toMatchObject({ id, verdict: 'confirmed' })
  expect(cause?.evidence[0]?.values['gap']).toBe(gap)
})

describe('the remedy fits the gap', () => {
  const remedyOf = (pub: ReturnType<typeof publication>, sub: ReturnType<typeof subscription>) => {
    const snap = seed({ primary: { tables, publications: [pub] }, subscriber: { tables, subscriptions: [sub] } })
    return diagnosed({ snapshot: snap, changes: [created], findings: [rows, failing] }).causes[0]?.remedy
  }

  test('a table that the subscription still lists has no plan: a refresh would copy nothing', () => {
    const remedy = remedyOf(publication(['users']), subscription(['users', 'user_credentials']))
    expect(remedy?.plan).toBeUndefined()
    expect(remedy?.words).toContain('refreshing would copy nothing')
    expect(remedy?.commands).toEqual([
      'on subscriber: alter subscription sub refresh publication;',
      'on subscriber: truncate public.user_credentials;',
      'on primary: alter publication pub add table public.user_credentials;',
      'on subscriber: alter subscription sub refresh publication;',
      'antemortem verify --table public.user_credentials',
    ])
  })

  test('a table that is new to the subscription has a plan', () => {
    for (const pub of [publication(['users']), publication(['users', 'user_credentials'])])
      expect(remedyOf(pub, subscription(['users']))?.plan?.kind).toBe('publish-table')
  })

  test('what was carried in part has orders and no plan', () => {
    const inserts = publication(['users', 'user_credentials'], {
      publishes: { insert: true, update: false, delete: false, truncate: true },
    })
    const remedy = remedyOf(inserts, subscription(['users', 'user_credentials']))
    expect(remedy?.plan).toBeUndefined()
    expect(remedy?.commands[0]).toContain("set (publish = 'insert, update, delete, truncate')")
  })
})

describe('news and harm that have nothing to do with it leave it probable at most', () => {
  const uncanaried = { canaries: [] }

  test('an index on a table that was never carried', () => {
    const indexed = change('primary:public.user_credentials', {
      before: 'no index CREATE INDEX i ON public.user_credentials USING btree (id)',
      after: 'index CREATE INDEX i ON public.user_credentials USING btree (id)',
    })
    const snap = seed({ facts: uncanaried })
    expect(named(diagnosed({ snapshot: snap, changes: [indexed], findings: [rows, failing] }))).toEqual([
      `${id} probable`,
    ])
  })

  test('a subscription that was switched off and on again', () => {
    const toggled = change('subscriber:subscription sub', { before: 'disabled', after: 'enabled' })
    const snap = seed({ facts: uncanaried })
    expect(named(diagnosed({ snapshot: snap, changes: [toggled], findings: [rows, failing] }))).toEqual([
      `${id} probable`,
    ])
  })

  test.each([
    ['a node that refuses connections', outcomes({ subscriber: '53300' })],
    ['a path that is cut', outcomes({ subscriber: 'ECONNREFUSED' })],
    ['a release that fails everywhere alike', outcomes({ primary: 'APP_X', standby: 'APP_X', subscriber: 'APP_X' })],
  ])('%s is no harm of rows', (_, reported) => {
    const snap = seed({ facts: { outcomes: reported } })
    const diagnosis = diagnosed({ snapshot: snap, changes: [created], findings: [failing] })
    expect(named(diagnosis)).toEqual([`${id} possible`])
    expect(diagnosis.effects).not.toContain('application/outcomes')
  })
})

test('a canary that names the table contradicts the gap only where its answers differ', () => {
  const asked = (digests: Parameters<typeof canary>[0]) =>
    named(
      diagnosed({
        snapshot: seed({ facts: { canaries: [{ ...canary(digests), tables: ['user_credentials'] }] } }),
        findings: [rows, failing],
      }),
    )
  expect(asked(['a', 'a', 'b'])).toEqual([`${id} confirmed`])
  expect(asked(['a', 'a', 'a'])).toEqual([`${id} probable`])
})

describe('never named', () => {
  /** Its verdicts that say more than possible. */
  const saidOf = (...args: Parameters<typeof diagnosed>): readonly string[] =>
    diagnosed(...args)
      .causes.filter((cause) => cause.id === id && cause.verdict !== 'possible' && cause.verdict !== 'ruled-out')
      .map(({ verdict }) => verdict)

  test('a table that nobody reads on the subscriber, while the application fails for another reason', () => {
    const snap = seed({ facts: { touched: [touched('schema_migrations', { readBy: none })] } })
    const diagnosis = diagnosed({ snapshot: snap, changes: [created], findings: [failing] })
    expect(named(diagnosis)).toEqual([`${id} possible`])
    expect(diagnosis.verdict).toBe('unknown')
    expect(diagnosis.next_probe).toContain('nobody was seen to read')
  })

  test('a table that a report reads on the subscriber, while the application is well', () => {
    const read = touched('daily', { readBy: { roles: ['report'], sessions: 4, scans: 50 } })
    expect(
      saidOf({ snapshot: seed({ facts: { touched: [read], outcomes: outcomes({}) } }), changes: [created] }),
    ).toEqual([])
  })

  test('a migration tool that looks once at its own history, while another cause hurts', () => {
    const once = touched('schema_migrations', { readBy: { roles: ['app'], sessions: 1, scans: 1 } })
    expect(saidOf({ snapshot: seed({ facts: { touched: [once] } }), changes: [created], findings: [failing] })).toEqual(
      [],
    )
  })

  test('the migration done right: carried, and its first copy still runs', () => {
    const copying = subscription(['users'], { tables: [{ schema: 'public', name: 'user_credentials', state: 'd' }] })
    const snap = seed({
      primary: { tables, publications: [publication(['users', 'user_credentials'])] },
      subscriber: { tables, subscriptions: [copying] },
    })
    expect(named(diagnosed({ snapshot: snap, changes: [created], findings: [failing] }))).toEqual([])
  })

  test('a subscription that is disabled, beside a table that was never meant to be carried', () => {
    const snap = seed({
      subscriber: {
        tables,
        subscriptionStates: [subscriptionState({ enabled: false, workerPid: null })],
        subscriptions: [subscription(['users'], { enabled: false })],
      },
      facts: { touched: [touched('schema_migrations', { readBy: none }), touched('users', { verdict: 'lagging' })] },
    })
    const disabled = change('subscriber:subscription sub', { kind: 'topology', before: 'enabled', after: 'disabled' })
    expect(named(diagnosed({ snapshot: snap, changes: [created, disabled], findings: [failing] }))[0]).toBe(
      'replication/subscription-disabled confirmed',
    )
    expect(saidOf({ snapshot: snap, changes: [created, disabled], findings: [failing] })).toEqual([])
  })

  test('a fence that is not reached: old rows are no missing rows', () => {
    expect(
      saidOf({
        snapshot: seed({ facts: { touched: [touched('user_credentials', { verdict: 'lagging' })] } }),
        changes: [created],
        findings: [failing],
      }),
    ).toEqual([])
  })
})
