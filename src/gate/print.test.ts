import { expect, test } from 'vitest'
import { makeStyle } from '../report/style.ts'
import { printRehearsal } from './print.ts'
import type { RehearsalReport } from './rehearse.ts'

const report: RehearsalReport = {
  change: 'm.sql',
  stage: 'rehearse',
  verdict: 'block',
  findings: [
    {
      rule: 'replication/table-not-carried',
      consequence: 'replication/publication-incomplete',
      object: 'primary:publication pub:public.audit',
      nodes: ['reports'],
      severity: 'error',
      message: 'public.audit does not arrive on reports',
      remedy: 'Write the change as:\n-- antemortem:on reports\ncreate table audit (id int);',
    },
  ],
  locks: [{ node: 'primary', object: 'public.users', mode: 'AccessExclusiveLock', heldMs: 1234, rewrites: true }],
  walBytes: 8192,
  rollback: 'R1',
  wayBack: { rollback: 'R1', steps: [{ node: 'primary', sql: 'drop table x' }], words: 'tried: it is as it was' },
  undeclared: [
    {
      id: 'chg-1',
      atMs: 1,
      notBeforeMs: 0,
      kind: 'role',
      object: 'primary:role other',
      before: 'no login',
      after: 'login',
      source: 'gate',
    },
  ],
  notRehearsed: ['primary: 1 rules: quiet on public.base'],
  notes: [],
  kept: null,
  sample: null,
  tookMs: 2345,
}

test('the report for people says the verdict first, and keeps the lines of a corrected file', () => {
  expect(printRehearsal(report, { style: makeStyle(false), width: 100 }).join('\n'))
    .toBe(`BLOCK m.sql: 1 finding, rehearsed in 2.3 s

error primary:publication pub:public.audit on reports replication/table-not-carried
  public.audit does not arrive on reports
  Write the change as:
    -- antemortem:on reports
    create table audit (id int);

Locks
  primary  public.users  AccessExclusiveLock  1.2 s  writes the table anew

Way back
  R1: an exact inverse brings it back
  tried: it is as it was
    -- antemortem:on primary
    drop table x;

Nobody asked for
  primary:role other: login (before: no login)

Not rehearsed
  primary: 1 rules: quiet on public.base`)
})

test('a change that passes is one line and what was measured', () => {
  const lines = printRehearsal(
    { ...report, verdict: 'pass', findings: [], locks: [], undeclared: [], notRehearsed: [], kept: '/tmp/copy' },
    { style: makeStyle(false), width: 100 },
  )
  expect(lines).toEqual([
    'PASS m.sql: nothing speaks against it, rehearsed in 2.3 s',
    '',
    'Way back',
    '  R1: an exact inverse brings it back',
    '  tried: it is as it was',
    '    -- antemortem:on primary',
    '    drop table x;',
    '',
    'The copy runs, with the change in it, until: antemortem lab down --dir /tmp/copy',
  ])
})

test('that real rows were copied is said before the findings, with what was masked', () => {
  const sample = [
    { table: 'public.users', rows: 100, masked: ['email'], problem: null },
    { table: 'public.orders', rows: 0, masked: [], problem: 'permission denied for table orders' },
  ]
  const lines = printRehearsal({ ...report, sample }, { style: makeStyle(false), width: 100 })
  expect(lines.slice(1, 5)).toEqual([
    '',
    'REAL ROWS of production were copied here (--sample); they are gone with the copy',
    '  public.users: 100 rows, masked: email',
    '  public.orders: none: permission denied for table orders',
  ])
})
