import { expect, test } from 'vitest'
import { readChange } from './change/read-change.ts'
import { judge } from './judge.ts'
import { defineRule } from './rule.ts'
import type { GateFindingDraft } from './rule.ts'
import { rehearsal } from './testing/rehearsal.ts'

const rule = (more: Partial<GateFindingDraft> = {}) =>
  defineRule({
    id: 'replication/some-rule',
    consequence: 'replication/divergence',
    severity: 'error',
    question: 'Is it?',
    *run() {
      yield {
        object: 'primary:public.audit',
        nodes: ['reports'],
        message: 'no',
        remedy: 'do',
        about: ['public.audit'],
        ...more,
      }
    },
  })

const judged = async (text: string, more: Partial<GateFindingDraft> = {}) =>
  judge(rehearsal({ statements: await readChange({ name: 'm.sql', text }) }), {
    rules: [rule(more)],
    today: '2026-06-01',
    failOn: 'error',
  })

test.each([
  ['error', 'block'],
  ['critical', 'block'],
  ['warning', 'warn'],
  ['info', 'pass'],
] as const)('%s makes %s', async (severity, verdict) => {
  expect((await judged('select 1', { severity })).verdict).toBe(verdict)
})

test('an ignore mutes the rule for the tables that its statement names, through its last day, and is noted', async () => {
  const { verdict, findings, notes } =
    await judged(`-- antemortem-ignore replication/some-rule: stays local until 2026-06-01
create table audit (id int);`)
  expect({ verdict, findings }).toEqual({ verdict: 'pass', findings: [] })
  expect(notes).toEqual([
    'replication/some-rule on primary:public.audit is ignored until 2026-06-01 (m.sql:1): stays local',
  ])
})

test('an ignore whose day has passed mutes nothing, and says so', async () => {
  const { verdict, notes } = await judged(`-- antemortem-ignore replication/some-rule: stays local until 2026-05-31
create table audit (id int);`)
  expect(verdict).toBe('block')
  expect(notes).toEqual([expect.stringContaining('ended on 2026-05-31')])
})

test.each([
  ['another table', '-- antemortem-ignore replication/some-rule: x until 2027-01-01\ncreate table other (id int);'],
  ['another rule', '-- antemortem-ignore replication/other-rule: x until 2027-01-01\ncreate table audit (id int);'],
  [
    'another statement',
    '-- antemortem-ignore replication/some-rule: x until 2027-01-01\nselect 1; create table audit (id int);',
  ],
])('an ignore for %s mutes nothing', async (_, text) => {
  expect((await judged(text)).verdict).toBe('block')
})
