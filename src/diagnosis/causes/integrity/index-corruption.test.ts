import { describe, expect, test } from 'vitest'
import {
  canary,
  change,
  contracts,
  finding,
  logEntry,
  logs,
  outcomes,
  snapshot,
  t0,
  table,
  type Cluster,
} from '../../../../test/builders.ts'
import type { OutcomesFact } from '../../../core/facts/cluster.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'integrity/index-corruption'
const index = 'CREATE UNIQUE INDEX users_mail_key ON public.users USING btree (fold(mail))'
const users = table('users', {
  indexes: [index],
  files: { table: 16_401, toast: null, indexes: { users_mail_key: 16_409 } },
})
const findings = [finding('application/outcomes', { node: 'primary', subject: 'primary' })]

describe('damage that the server reports', () => {
  const line = (message: string, more = {}) => logEntry('primary', { code: 'XX002', message, ...more })
  const zero = 'index "users_mail_key" contains unexpected zero page at block 5'
  const said = (entry: ReturnType<typeof line>, facts: Cluster['facts'] = {}) =>
    diagnosed({
      snapshot: snapshot({
        primary: { tables: [users] },
        facts: { contracts: contracts(), outcomes: outcomes({ primary: 'XX002' }), logs: logs([entry]), ...facts },
      }),
      findings,
    })

  test.each([zero, 'heap tuple (0,1) from table "users" lacks matching index tuple within index "users_mail_key"'])(
    '%s: confirmed',
    (message) => {
      const diagnosis = said(line(message))
      expect(named(diagnosis)).toEqual([`${id} confirmed`])
      expect(diagnosis.causes[0]?.subject).toBe('primary:public.users_mail_key')
      expect(diagnosis.causes[0]?.remedy.commands.join()).toContain('reindex index concurrently')
    },
  )

  test('logged before all was good: probable', () => {
    expect(named(said(line(zero, { firstMs: t0 - 300_000 })))).toEqual([`${id} probable`])
  })

  test('nobody is hurt: possible', () => {
    expect(named(said(line(zero, { count: 1 }), { outcomes: outcomes({}) }))).toEqual([`${id} possible`])
  })

  test('a damaged table is another cause', () => {
    const heap = logEntry('primary', { code: 'XX001', message: 'invalid page in block 3 of relation "base/5/16401"' })
    expect(named(said(heap, { outcomes: outcomes({ primary: 'XX001' }) }))).toEqual([
      'integrity/table-corruption confirmed',
    ])
  })
})

describe('a function that an index calls was replaced', () => {
  const fold = {
    schema: 'public',
    name: 'fold',
    arguments: 'text',
    volatility: 'immutable' as const,
    digest: 'b',
    indexes: ['public.users_mail_key'],
  }
  const replaced = change('primary:public.fold()', { before: 'digest a', after: 'digest b' })
  const both = { primary: 'APP_NO_SUCH_USER', standby: 'APP_NO_SUCH_USER' }
  const said = (failing: Readonly<Record<string, string>> = both, changes = [replaced], facts: Cluster['facts'] = {}) =>
    diagnosed({
      snapshot: snapshot({
        primary: { tables: [users], functions: [fold] },
        subscriber: { tables: [users] },
        facts: { contracts: contracts(), outcomes: outcomes(failing), ...facts },
      }),
      changes,
      findings: ['primary', 'standby'].map((node) => finding('application/outcomes', { node, subject: node })),
    })

  test('and lookups miss rows on the primary and its standby: probable, with the probe that decides', () => {
    const diagnosis = said()
    expect(named(diagnosis)).toEqual([`${id} probable`])
    expect(diagnosis.causes[0]).toMatchObject({ subject: 'primary:public.users_mail_key', trigger: replaced.id })
    expect(diagnosis.next_probe).toContain("bt_index_check('public.users_mail_key', true)")
  })

  test('few miss rows on the primary yet: those on its standby count, and not where it misses none', () => {
    const rare = (onPrimary: number): OutcomesFact => ({
      baseline: 0,
      seconds: outcomes({ standby: 'APP_NO_SUCH_USER' }).seconds.map((second, n) => ({
        ...second,
        cells: second.cells.map((cell) =>
          n === 9 && cell.node === 'primary' && cell.instance === 'app1' && onPrimary > 0
            ? { ...cell, code: 'APP_NO_SUCH_USER', count: onPrimary }
            : cell,
        ),
      })),
    })
    expect(named(said(both, [replaced], { outcomes: rare(1) }))).toEqual([`${id} probable`])
    expect(named(said(both, [replaced], { outcomes: rare(0) }))).toEqual([`${id} possible`])
  })

  test('nobody is hurt: possible', () => {
    expect(named(said({}))).toEqual([`${id} possible`])
  })

  test.each([
    ['it was made, not replaced', [{ ...replaced, before: null }]],
    ['nobody touched it', []],
  ])('not named where %s', (_, changes) => {
    expect(named(said(both, changes))).toEqual([])
  })

  test('it stands beside the application’s own error, and neither is more than probable', () => {
    const everywhere = { ...both, subscriber: 'APP_NO_SUCH_USER' }
    const verdicts = said(everywhere, [replaced], { canaries: [canary()] }).causes.map(({ verdict }) => verdict)
    expect(verdicts).not.toContain('confirmed')
  })
})
