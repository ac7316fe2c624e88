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
import { diagnosed, named } from '../../../../test/diagnosing.ts'
import type { CanaryFact } from '../../../core/facts/cluster.ts'

const id = 'integrity/data-deleted'
const everywhere = (code: string) => ({ primary: code, standby: code, subscriber: code })
const findings = ['primary', 'standby', 'subscriber'].map((node) =>
  finding('application/outcomes', { node, subject: node }),
)

describe('rows', () => {
  const answered = (rows: number, digest: string): CanaryFact => {
    const one = canary([digest, digest, digest])
    return { ...one, answers: one.answers.map((answer) => ({ ...answer, rows })) }
  }
  const at = (rowsEstimated: number, canaries: readonly CanaryFact[], more: Cluster['facts'] = {}, atMs = t0) =>
    snapshot({
      atMs,
      primary: { tables: [table('users', { rowsEstimated })] },
      facts: { contracts: contracts(), canaries, outcomes: outcomes(everywhere('APP_NO_SUCH_USER')), ...more },
    })
  const before = at(1000, [answered(3, 'a')], {}, t0 - 20_000)

  test('a table was emptied, the contract finds nothing on any node, and logins fail everywhere: confirmed', () => {
    const diagnosis = diagnosed({ snapshot: at(-1, [answered(0, 'b')]), earlier: before, findings })
    expect(diagnosis.causes[0]).toMatchObject({ id, subject: 'primary:public.users', verdict: 'confirmed' })
  })

  test('the contract finds less and nobody has counted the rows: probable, with the question that decides', () => {
    const diagnosis = diagnosed({ snapshot: at(1000, [answered(1, 'b')]), earlier: before, findings })
    expect(diagnosis.causes.find((cause) => cause.id === id)).toMatchObject({ verdict: 'probable' })
    expect(diagnosis.causes.find((cause) => cause.id === id)?.missing).toContain('count(*)')
  })

  test('nothing is known good: probable', () => {
    const diagnosis = diagnosed({ snapshot: at(-1, [answered(0, 'b')]), earlier: before, findings, lastGoodMs: null })
    expect(diagnosis.causes.find((cause) => cause.id === id)?.verdict).toBe('probable')
  })

  test('old rows were tidied up and nobody misses them: possible', () => {
    const calm = { outcomes: outcomes({}) }
    expect(named(diagnosed({ snapshot: at(100, [answered(3, 'a')], calm), earlier: before, findings }))).toEqual([
      `${id} possible`,
    ])
  })

  test('a clean-up beside an application’s own error is not its cause', () => {
    const verdict = diagnosed({ snapshot: at(100, [answered(3, 'a')]), earlier: before, findings }).causes.find(
      (cause) => cause.id === id,
    )?.verdict
    expect(verdict).toBe('possible')
  })

  test('nodes that do not agree are divergence, not this', () => {
    const differing = canary(['b', 'b', 'a'])
    expect(named(diagnosed({ snapshot: at(1000, [differing]), earlier: before, findings })).join()).not.toContain(id)
  })
})

describe('a table', () => {
  const gone = change('primary:public.users', {
    before: 'table (id integer not null, password_hash text)',
    after: null,
  })
  const line = logEntry('primary', { code: '42P01', message: 'relation "users" does not exist', count: 9 })
  const said = (facts: Cluster['facts'] = {}, changes = [gone], tables: readonly ReturnType<typeof table>[] = []) =>
    diagnosed({
      snapshot: snapshot({
        primary: { tables, publications: [] },
        facts: { contracts: contracts(), outcomes: outcomes(everywhere('42P01')), logs: logs([line]), ...facts },
      }),
      changes,
      findings,
    })

  test('was dropped, and statements ask for it: confirmed, with the change', () => {
    expect(said().causes[0]).toMatchObject({
      id,
      subject: 'primary:public.users',
      verdict: 'confirmed',
      trigger: gone.id,
    })
  })

  test('was dropped and nobody asks: possible', () => {
    expect(named(said({ outcomes: outcomes({}), logs: logs([]) }))).toEqual([`${id} possible`])
  })

  test('statements ask for another one: possible', () => {
    const other = { ...line, message: 'relation "accounts" does not exist' }
    expect(named(said({ logs: logs([other]) }))).toEqual([`${id} possible`])
  })

  test('was dropped before all was good: probable at most', () => {
    expect(named(said({}, [{ ...gone, atMs: t0 - 40_000, notBeforeMs: t0 - 41_000 }])).join()).toContain(
      `${id} probable`,
    )
  })

  test.each([
    ['renamed', [{ ...gone, after: 'renamed to public.accounts' }], []],
    ['made anew', [gone], [table('users')]],
  ])('was %s: not named', (_, changes, tables) => {
    expect(named(said({}, changes, tables)).join()).not.toContain(id)
  })
})
