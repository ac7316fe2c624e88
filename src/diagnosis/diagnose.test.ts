import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  canary,
  caseOf,
  change,
  column,
  contract,
  contracts,
  finding,
  outcomes,
  publication,
  snapshot,
  subscription,
  subscriptionState,
  t0,
  table,
  touched,
} from '../../test/builders.ts'
import type { Case } from '../core/diagnosis.ts'
import { canonicalJson } from '../core/json.ts'
import { seen, type Observation } from '../core/observation.ts'
import { causes } from './causes.generated.ts'
import { diagnose } from './diagnose.ts'
import { rank } from './rank.ts'
import { suspects } from './suspects.generated.ts'

const names = ['users', 'user_credentials', 'orders']
const nodes = ['primary', 'standby', 'subscriber']
const some = <T>(of: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...of])
const oneOf = <const T>(...of: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...of)

const columnSets = [
  [column('id', 'integer'), column('password_hash')],
  [column('id', 'integer'), column('password_hash'), column('algo')],
  [column('id', 'bigint'), column('password_hash')],
  [column('id', 'text'), column('password_hash')],
  [column('id', 'integer'), column('password_hash'), column('tenant', 'integer', { notNull: true })],
]
const codes = ['ok', 'APP_NO_SUCH_USER', 'LOGIN', '42703', '42P01', '42883', '53300', 'ECONNREFUSED', 'P0002']

const tablesOn = fc
  .uniqueArray(oneOf(...names))
  .chain((made) =>
    fc.tuple(...made.map((name) => oneOf(...columnSets).map((columns) => table(name, { columns: [...columns] })))),
  )

const published = fc
  .tuple(some(names), oneOf(true, true, false), oneOf(null, null, 'id < 9'), oneOf(null, null, ['id']))
  .map(([listed, update, rowFilter, columns]) =>
    publication([], {
      publishes: { insert: true, update, delete: true, truncate: true },
      tables: listed.map((name) => ({ schema: 'public', name, columns, rowFilter })),
    }),
  )

const subscribed = fc
  .tuple(some(names), oneOf('r', 'r', 'd'))
  .map(([listed, state]) => subscription([], { tables: listed.map((name) => ({ schema: 'public', name, state })) }))

const state = fc
  .record({ enabled: oneOf(true, true, false), workerPid: oneOf(4711, null), applyErrors: oneOf(0, 1, 3, 9, null) })
  .map((more) => subscriptionState(more))

const touchedTables = fc.array(
  fc
    .record({
      name: oneOf(...names),
      node: oneOf('standby', 'subscriber'),
      verdict: oneOf('equal', 'different', 'lagging', 'unverifiable'),
      times: oneOf(1, 2, 5),
      roles: oneOf([], ['app'], ['report']),
      sinceMs: oneOf(t0 - 20_000, t0 - 1000, t0),
    })
    .map(({ name, roles, ...more }) => touched(name, { ...more, readBy: { roles, sessions: 2, scans: roles.length } })),
  { maxLength: 4 },
)

const results = fc.array(
  fc
    .record({
      node: oneOf(...nodes),
      layer: oneOf(null, 'data', 'stale', 'query', 'auth', 'tcp', 'latency'),
      code: oneOf(null, '42703', '28P01', 'ECONNREFUSED'),
      message: oneOf(null, 'column "algo" does not exist'),
      instance: oneOf('app1', 'app2'),
    })
    .map(({ node, layer, ...more }) => contract(node, { layer, ok: layer === null, failures: 2, ...more })),
  { maxLength: 4 },
)

const changes = fc.array(
  fc
    .record({
      object: oneOf(
        ...names.flatMap((name) => [`primary:public.${name}`, `subscriber:public.${name}`]),
        'primary:publication pub:public.user_credentials',
        'primary:publication pub',
        'subscriber:subscription sub',
      ),
      words: oneOf(
        [null, 'table (id integer)'],
        ['no column algo', 'column algo text'],
        ['no index i', 'index i'],
        ['enabled', 'disabled'],
        ['publish: insert, update', 'publish: insert'],
      ),
      agoMs: oneOf(50_000, 5_000, 2_000),
      id: fc.uuid(),
    })
    .map(({ object, words, agoMs, id }) =>
      change(object, {
        id,
        before: words[0] ?? null,
        after: words[1] ?? null,
        atMs: t0 - agoMs,
        notBeforeMs: t0 - agoMs - 500,
      }),
    ),
  { minLength: 1, maxLength: 6 },
)

const findings = some(
  nodes.flatMap((node) =>
    [
      ['application/outcomes', 'critical'],
      ['replication/row-consistency', 'critical'],
      ['connections/contract', 'critical'],
      ['replication/subscription-errors', 'error'],
      ['replication/schema-parity', 'error'],
    ].map(([check = '', severity]) =>
      finding(check, { node, subject: node, severity: severity === 'critical' ? 'critical' : 'error' }),
    ),
  ),
)

const moment = (atMs: number) =>
  fc
    .record({
      there: tablesOn,
      here: tablesOn,
      publications: fc.array(published, { minLength: 1, maxLength: 1 }),
      subscriptions: fc.array(subscribed, { minLength: 1, maxLength: 1 }),
      subscriptionStates: fc.array(state, { minLength: 1, maxLength: 1 }),
      reported: fc.option(fc.tuple(oneOf('ok', 'ok', 'ok', 'ok', ...codes), oneOf(...codes))),
      touched: touchedTables,
      contracts: fc.option(results),
      canaries: fc.option(
        fc.array(
          fc.tuple(oneOf('a', 'b'), oneOf('a', 'b'), oneOf('a', 'b')).map((digests) => canary(digests)),
          {
            maxLength: 2,
          },
        ),
      ),
    })
    .map(({ there, here, publications, subscriptions, subscriptionStates, reported, ...facts }) =>
      snapshot({
        atMs,
        primary: { tables: there, publications },
        subscriber: { tables: here, subscriptions, subscriptionStates },
        facts: {
          touched: facts.touched,
          ...(facts.contracts && { contracts: facts.contracts }),
          ...(facts.canaries && { canaries: facts.canaries }),
          ...(reported && { outcomes: outcomes({ primary: reported[0], subscriber: reported[1] }, atMs) }),
        },
      }),
    )

const cases: fc.Arbitrary<Case> = fc
  .record({
    snapshot: moment(t0),
    earlier: fc.option(moment(t0 - 20_000)),
    changes,
    findings,
    lastGoodMs: oneOf(null, t0 - 30_000, t0 - 60_000),
  })
  .map((parts) => caseOf(parts))

const judged = (c: Case) => canonicalJson(diagnose(c, causes, suspects))
/** Each run asks every cause several times; more of them on purpose: ANTEMORTEM_RUNS=4000. */
const runs = { numRuns: Number(process.env['ANTEMORTEM_RUNS'] ?? 150) }

/** What the application, its contract and the comparison of rows say is wrong on a node. */
const hurts = (c: Case, node: string): boolean => {
  const { outcomes: reported, contracts: asked, touched: compared } = c.snapshot.facts
  const fails =
    reported.seen &&
    reported.value.seconds.some(({ cells }) => cells.some((cell) => cell.node === node && cell.code !== 'ok'))
  const refuses = asked.seen && asked.value.some((result) => result.node === node && !result.ok)
  const differs =
    compared.seen && compared.value.some((each) => each.node === node && each.times >= 2 && each.verdict !== 'equal')
  return fails || refuses || differs
}

test('nothing is confirmed without having been read, without harm on its own node, or without being new', () => {
  let confirmed = 0
  fc.assert(
    fc.property(cases, (c) => {
      for (const { match, verdict, cause } of rank(causes, c)) {
        if (verdict !== 'confirmed') continue
        confirmed += 1
        expect(match.direct.length).toBeGreaterThan(0)
        expect(match.harm.length).toBeGreaterThan(0)
        expect(match.isNew).toBe(true)
        for (const { node } of match.harm) expect(hurts(c, node ?? '')).toBe(true)
        // Nothing known as good: only what contradicts a declaration is confirmed.
        expect(c.lastGoodMs !== null || cause.id === 'replication/publication-incomplete').toBe(true)
      }
    }),
    runs,
  )
  expect(confirmed).toBeGreaterThan(0)
})

test('nothing is confirmed where nobody is hurt', () => {
  fc.assert(
    fc.property(cases, (c) => {
      const calm = {
        ...c.snapshot.facts,
        contracts: seen(t0, contracts()),
        outcomes: seen(t0, outcomes({})),
        touched: seen(t0, []),
      }
      const verdicts = rank(causes, { ...c, snapshot: { ...c.snapshot, facts: calm } }).map(({ verdict }) => verdict)
      expect(verdicts.filter((verdict) => verdict === 'confirmed' || verdict === 'probable')).toEqual([])
    }),
    runs,
  )
})

test('the order in which things were told changes nothing', () => {
  const turned = <T>(fact: Observation<readonly T[]>): Observation<readonly T[]> =>
    fact.seen ? { ...fact, value: fact.value.toReversed() } : fact
  const turnedCase = (c: Case): Case => ({
    ...c,
    findings: c.findings.toReversed(),
    changes: c.changes.toReversed(),
    unansweredMs: Object.fromEntries(Object.entries(c.unansweredMs).toReversed()),
    snapshot: {
      ...c.snapshot,
      facts: {
        ...c.snapshot.facts,
        touched: turned(c.snapshot.facts.touched),
        contracts: turned(c.snapshot.facts.contracts),
        canaries: turned(c.snapshot.facts.canaries),
        paths: turned(c.snapshot.facts.paths),
      },
    },
  })
  fc.assert(
    fc.property(cases, (c) => {
      expect(judged(turnedCase(c))).toBe(judged(c))
      expect(canonicalJson(diagnose(c, causes.toReversed(), suspects))).toBe(judged(c))
    }),
    runs,
  )
})

test('a case that went through JSON is judged alike, and judging leaves it as it was', () => {
  fc.assert(
    fc.property(cases, (c) => {
      const text = JSON.stringify(c)
      // What JSON.parse() returns is the case that was written: the property that is tested.
      expect(judged(JSON.parse(text) as Case)).toBe(judged(c))
      expect(JSON.stringify(c)).toBe(text)
    }),
    runs,
  )
})
