import { expect, test } from 'vitest'
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
  touched,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const everywhere = (code: string) => outcomes({ primary: code, standby: code, subscriber: code })
const findings = ['primary', 'standby', 'subscriber'].map((node) =>
  finding('application/outcomes', { subject: node, node }),
)
const right = { contracts: contracts(), canaries: [canary()] }

test('the database answers right on every node and the application fails: probable, never more', () => {
  const diagnosis = diagnosed({
    snapshot: snapshot({ facts: { ...right, outcomes: everywhere('APP_BAD_HASH') } }),
    findings,
  })
  expect(named(diagnosis)).toEqual(['application/error probable'])
  expect(diagnosis.suspects.find(({ id }) => id === 'application-code')?.verdict).toBe('implicated')
})

test.each([
  ['the codes are the database’s own', { ...right, outcomes: everywhere('57014') }, findings],
  ['the codes are the network’s', { ...right, outcomes: everywhere('ECONNREFUSED') }, findings],
  [
    'a node answers otherwise',
    { ...right, canaries: [canary(['a', 'a', 'b'])], outcomes: everywhere('APP_BAD_HASH') },
    findings,
  ],
  [
    'the canary was asked before it began',
    { ...right, canaries: [{ ...canary(), atMs: t0 - 20_000 }], outcomes: everywhere('APP_BAD_HASH') },
    findings,
  ],
  ['no canary asked the nodes', { contracts: contracts(), outcomes: everywhere('APP_BAD_HASH') }, findings],
  [
    'sessions wait for a lock',
    { ...right, outcomes: everywhere('APP_TIMEOUT') },
    [...findings, finding('capacity/locks-blocking', { severity: 'error' })],
  ],
])('unknown instead where %s', (_, facts, open) => {
  expect(diagnosed({ snapshot: snapshot({ facts }), findings: open }).verdict).toBe('unknown')
})

test.each(['LOGIN', 'ERROR', 'EAUTH'])('%s is a word of the application', (code) => {
  const diagnosis = diagnosed({ snapshot: snapshot({ facts: { ...right, outcomes: everywhere(code) } }), findings })
  expect(named(diagnosis)).toEqual(['application/error probable'])
})

test('seed 0 is not blamed on the application', () => {
  const tables = [table('users'), table('user_credentials')]
  const snap = snapshot({
    primary: { tables },
    subscriber: { tables },
    facts: { ...right, touched: [touched('user_credentials')], outcomes: outcomes({ subscriber: 'APP_NO_SUCH_USER' }) },
  })
  expect(
    named(
      diagnosed({
        snapshot: snap,
        changes: [change('primary:public.user_credentials')],
        findings: [finding('application/outcomes')],
      }),
    ).join(),
  ).not.toContain('application/error')
})

test('a tool’s own table that differs and that nobody reads there does not hide the application’s fault', () => {
  const history = touched('schema_migrations', { readBy: { roles: [], sessions: 0, scans: 0 } })
  const facts = { ...right, outcomes: everywhere('APP_BAD_HASH'), touched: [history] }
  expect(named(diagnosed({ snapshot: snapshot({ facts }), findings }))[0]).toBe('application/error probable')
})

test('failures from before the rows were right again are no fault of the application’s', () => {
  const mended = touched('user_credentials', { verdict: 'equal', sinceMs: t0 - 500 })
  const facts = { ...right, outcomes: outcomes({ subscriber: 'APP_NO_SUCH_USER' }), touched: [mended] }
  expect(named(diagnosed({ snapshot: snapshot({ facts }), findings: [finding('application/outcomes')] }))).toEqual([])
})

test('an error of the same login in the log that its statement does not explain: unknown, and its code is named', () => {
  const line = logEntry('primary', { code: '57014', message: 'canceling statement due to statement timeout' })
  const said = (entry: Partial<typeof line>) =>
    diagnosed({
      snapshot: snapshot({
        facts: { ...right, outcomes: everywhere('APP_BAD_HASH'), logs: logs([{ ...line, ...entry }]) },
      }),
      findings,
    })
  const foreign = said({})
  expect(foreign.verdict).toBe('unknown')
  expect(foreign.unexplained).toContain('57014 in the log of primary')
  // What its own text explains, what is of another login, and what is over, are no such errors.
  for (const other of [{ code: '42703' }, { code: '23505' }, { role: 'report' }, { lastMs: t0 - 50_000 }])
    expect(named(said(other))).toEqual(['application/error probable'])
})

test('what stood when all was good, and what a setting will cost one day, does not speak against the database', () => {
  const old = finding('replication/sequence-behind', { severity: 'error', sinceMs: t0 - 40_000 })
  const at = (one: typeof old) =>
    diagnosed({
      snapshot: snapshot({ facts: { ...right, outcomes: everywhere('APP_BAD_HASH') } }),
      findings: [one, ...findings],
    })
  expect(named(at(old))).toEqual(['application/error probable'])
  expect(at(old).unexplained).toEqual([])
  expect(named(at({ ...old, sinceMs: t0 - 5_000 }))).toEqual([])
  const setting = finding('configuration/changed-since-lkg', { severity: 'error', sinceMs: t0 - 5_000 })
  expect(named(at(setting))).toEqual(['application/error probable'])
})
