import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Change } from '../core/change.ts'
import type { EventBody } from '../core/event.ts'
import { changeJson } from './change.ts'
import { contractResultJson } from './contract.ts'
import { diagnosisJson } from './diagnosis.ts'
import { drillResultJson } from './drill.ts'
import { eventJson } from './event.ts'
import { checkPage, checkResultJson, findingJson } from './finding.ts'
import { gateReportJson } from './gate.ts'
import { outageJson } from './outage.ts'
import { planJson } from './plan.ts'
import { shapes } from './shapes.ts'
import { diagnosisOf, findingOf } from './testing/bundle.ts'

const atMs = Date.UTC(2024, 2, 5, 9, 4)
const at = '2024-03-05T09:04:00.000Z'
const change: Change = {
  id: 'c1',
  atMs,
  notBeforeMs: atMs - 1000,
  kind: 'schema',
  object: 'primary:public.users',
  before: null,
  after: 'table',
  source: 'fingerprint',
}

test('a moment leaves the program as RFC 3339 in UTC with milliseconds, a duration as …_ms', () => {
  expect(changeJson(change)).toMatchObject({ at, not_before: '2024-03-05T09:03:59.000Z' })
  expect(findingJson(findingOf())).toMatchObject({ since: at, docs: 'docs/checks/replication/lag-time.md' })
})

test('the invariants of a team share one page', () => {
  expect(checkPage('custom/every-user-can-log-in')).toBe('docs/checks/custom.md')
})

test('a result carries why a node could not be seen', () => {
  const blind = [{ node: 'standby', why: 'unreachable', detail: 'refused', remedy: 'start it' }] as const
  const json = checkResultJson({ check: 'replication/lag-time', looked: [], blind, found: [findingOf()] })
  expect(shapes.CheckResult.parse(json).blind).toEqual(blind)
})

test.each<EventBody>([
  { type: 'watch.started', nodes: ['primary'] },
  { type: 'change.seen', change },
  { type: 'finding.opened', finding: findingOf({ node: 'standby' }), incident: 'INC-1' },
  { type: 'finding.closed', finding: findingOf() },
  { type: 'incident.opened', incident: 'INC-1', title: 'logins fail', severity: 'critical', sinceMs: atMs },
  { type: 'diagnosis.finished', incident: 'INC-1', diagnosis: diagnosisOf() },
  { type: 'suspect.ruled-out', incident: 'INC-1', suspect: 'network', measured: 2, limit: 250, unit: 'ms' },
  { type: 'service.restored', incident: 'INC-1', sinceMs: atMs },
  { type: 'symptom.returned', incident: 'INC-1' },
])('event $type keeps its shape and no inner name', (body) => {
  const json = eventJson({ ...body, seq: 7, atMs, cluster: 'auth' })
  expect(shapes.Event.parse(json)).toEqual(json)
  expect(Object.keys(json).slice(0, 3)).toEqual(['seq', 'at', 'cluster'])
  expect(JSON.stringify(json)).not.toMatch(/[a-z]Ms"/)
})

test('a diagnosis names its bundle only when there is one', () => {
  expect(diagnosisJson(diagnosisOf())).not.toHaveProperty('bundle')
  expect(shapes.Diagnosis.parse(diagnosisJson(diagnosisOf(), 'b.json')).bundle).toBe('b.json')
})

test('a drill that named nothing says so with nulls', () => {
  const json = drillResultJson({
    id: '0',
    title: 'Logins fail after a schema update',
    seed: 1,
    original: { toCauseMin: 89, totalMin: 153 },
    noticed: { ms: null, by: null },
    named: { ms: null, cause: null, subject: null, trigger: null, correct: false },
    suspects: diagnosisOf().suspects,
    proof: null,
  })
  expect(shapes.DrillResult.parse(json)).toEqual(json)
  expect(json.then).toEqual({ to_cause_min: 89, total_min: 153 })
})

test('gate, plan, outage and contract keep their shapes', () => {
  const gate = gateReportJson({
    change: '0007.sql',
    stage: 'rehearse',
    verdict: 'block',
    findings: [],
    locks: [{ node: 'primary', object: 'primary:public.users', mode: 'ShareLock', heldMs: 12, rewrites: false }],
    walBytes: 4096,
    rollback: 'R2',
    undeclared: [change],
    commandExit: 3,
  })
  expect(shapes.GateReport.parse(gate)).toEqual(gate)

  const step = { kind: 'sql', words: 'Add the table.', node: 'primary', input: { sql: 'alter' }, deadlineMs: 5000 }
  const plan = planJson({
    id: 'p1',
    kind: 'repair',
    subject: 'primary:publication pub',
    cluster: 'auth',
    basis: { fingerprint: 'f', atMs, expiresMs: atMs + 1000 },
    steps: [
      { n: 1, ...step, idempotent: 'check-first', undo: { step } },
      { n: 2, ...step, idempotent: 'yes', undo: { none: 'it only reads' } },
    ],
    refusals: [],
  })
  expect(shapes.Plan.parse(plan)).toEqual(plan)

  const open = {
    state: 'open',
    guard: null,
    atMs: null,
    figures: {},
    why: 'no guard',
    next: 'antemortem guard list',
  } as const
  const proven = { state: 'proven', guard: 'drill:0', atMs, figures: { ms: 90 }, why: null, next: null } as const
  const outage = outageJson({
    id: '0',
    title: 'Logins fail',
    source: 'docs/postmortems/0.md',
    original: { toCauseMin: 89, totalMin: null },
    cells: { prevent: open, detect: proven, diagnose: open, recover: open },
  })
  expect(shapes.Outage.parse(outage)).toEqual(outage)
  expect(outage.cells.detect).toEqual({ state: 'proven', guard: 'drill:0', at, figures: { ms: 90 } })

  const fact = {
    contract: 'login',
    instance: 'app1',
    node: 'primary',
    from: 'host',
    role: 'app',
    atMs,
    ok: true,
    layer: null,
    code: null,
    message: null,
    ms: 3,
    failures: 0,
    route: 'application',
  } as const
  expect(shapes.ContractResult.parse(contractResultJson(fact))).toMatchObject({ ok: true, at })
})

test('every shape has a JSON Schema', () => {
  for (const shape of Object.values(shapes)) expect(z.toJSONSchema(shape, { io: 'input' })).toHaveProperty('$schema')
})
