import { expect, test } from 'vitest'
import type { SwapFacts } from '../../engines/postgres/act/swap/facts.ts'
import { rebuildNames } from './names.ts'
import { planRebuild, type Rebuild } from './rebuild.ts'

const facts = (more: Partial<SwapFacts> = {}): SwapFacts => ({
  systemId: '1',
  database: 'auth',
  isInRecovery: false,
  versionNum: 180_004,
  oid: '16400',
  kind: 'r',
  persistence: 'p',
  isPartition: false,
  inherits: false,
  isTyped: false,
  accessMethod: 'heap',
  extension: null,
  isOwned: true,
  subscribed: [],
  publishes: [],
  listed: [],
  strangers: [],
  labels: 0,
  tablespaces: 0,
  invalidIndexes: [],
  bytes: 1_000_000,
  rows: 10_000,
  carried: [],
  validate: [],
  ...more,
})

const plan = (more: Partial<Rebuild> = {}) =>
  planRebuild(
    {
      cluster: 'auth',
      schema: 'public',
      table: 'orders',
      primary: 'primary',
      donor: 'standby',
      chosen: false,
      facts: facts(),
      donorFacts: facts({ isInRecovery: true }),
      key: ['id'],
      sameOrder: true,
      known: { onlyHere: 0, otherwise: 0 },
      copies: [{ node: 'standby', subscription: null }],
      canAct: true,
      donorProblems: [],
      ...more,
    },
    { id: 'rebuild-1a2b3c4d', atMs: 0, digest: (text) => `${text.length}` },
  )

const refused = (more: Partial<Rebuild>): readonly string[] => plan(more).refusals.map(({ id }) => id)

test('a table is filled, made logged, swapped, and compared; only what changed something is taken back', () => {
  const { steps, refusals } = plan({ facts: facts({ validate: ['alter table orders validate constraint c'] }) })
  expect(refusals).toEqual([])
  expect(steps.map(({ kind }) => kind)).toEqual([
    'swap-look',
    'twin-create',
    'twin-fill',
    'twin-log',
    'table-swap',
    'keys-validate',
    'copy-compare',
  ])
  expect(steps.flatMap(({ undo }) => ('step' in undo ? [undo.step.kind] : []))).toEqual([
    'twin-drop',
    'table-swap-back',
  ])
})

test('under a publication for all tables it stays unlogged until the swap, and the plan says what becomes of the old one', () => {
  const { steps } = plan({ facts: facts({ publishes: ['everything'] }) })
  expect(steps.map(({ kind }) => kind)).not.toContain('twin-log')
  expect(steps.find(({ kind }) => kind === 'table-swap')?.words).toContain(
    'its readable rows are kept in the unlogged public.orders_damaged_1a2b3c4d, and itself is dropped',
  )
})

test('what cannot be carried over is refused, each with its reason', () => {
  expect(refused({ facts: facts({ kind: 'p' }) })).toEqual(['table-not-ordinary'])
  expect(refused({ facts: facts({ isPartition: true }) })).toEqual(['table-not-ordinary'])
  expect(refused({ facts: facts({ persistence: 'u' }) })).toEqual(['table-not-ordinary'])
  expect(refused({ facts: facts({ inherits: true }) })).toEqual(['inherits'])
  expect(refused({ facts: facts({ subscribed: ['sub'] }) })).toEqual(['subscribed'])
  expect(refused({ facts: facts({ strangers: ['materialized view m', 'function f()'] }) })).toEqual([
    'not-carried',
    'not-carried',
  ])
  expect(refused({ facts: facts({ isInRecovery: true }) })).toEqual(['read-only'])
  expect(refused({ facts: facts({ oid: null }) })).toEqual(['table-gone'])
  expect(refused({ canAct: false })).toEqual(['act-missing'])
})

test('rows are taken only from a physical copy that is well, and where rows do not say who is right, from the one that was named', () => {
  expect(refused({ donorFacts: null })).toEqual(['no-donor'])
  expect(refused({ donorFacts: facts({ isInRecovery: false, systemId: '2' }) })).toEqual(['no-donor'])
  expect(refused({ key: [] })).toEqual(['no-key'])
  expect(refused({ sameOrder: false })).toEqual(['sorted-otherwise'])
  expect(refused({ donorProblems: ['a page of it cannot be read'] })).toEqual(['donor-damaged'])
  expect(refused({ known: null })).toEqual(['not-compared'])
  expect(refused({ known: { onlyHere: 0, otherwise: 3 } })).toEqual(['which-is-right'])
  expect(refused({ known: { onlyHere: 0, otherwise: 3 }, chosen: true })).toEqual([])
})

test('names of ours fit with what comes behind them, in bytes, and in whole characters', () => {
  const { twin, kept } = rebuildNames('é'.repeat(60), 'rebuild-1a2b3c4d')
  for (const name of [twin, kept]) expect(Buffer.byteLength(`${name}_i12`)).toBeLessThanOrEqual(63)
  expect(kept).toBe(`${'é'.repeat(20)}_damaged_1a2b3c4d`)
  expect(rebuildNames('orders', 'rebuild-1a2b3c4d').twin).toBe('orders_rebuilt_1a2b3c4d')
})
