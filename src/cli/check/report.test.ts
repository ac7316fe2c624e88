import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { finding, t0 } from '../../../test/builders.ts'
import { defineCheck } from '../../core/check.ts'
import type { CheckResult, Finding } from '../../core/finding.ts'
import { makeStyle } from '../../report/style.ts'
import { checkReportShape } from '../../shapes/check.ts'
import type { Audit } from '../audit.ts'
import { auditText } from '../text/checks.ts'
import { readBaseline } from './baseline.ts'
import { reportJson } from './json.ts'
import { reportJunit } from './junit.ts'
import { reportMarkdown } from './markdown.ts'
import { failing, sortAudit, type CheckReport } from './report.ts'
import { reportSarif } from './sarif.ts'

const dir = mkdtempSync(join(tmpdir(), 'baseline-'))
afterAll(() => rmSync(dir, { recursive: true }))

const check = defineCheck({
  id: 'replication/lag-time',
  on: ['postgres'],
  severity: 'error',
  needs: [],
  question: 'Is a replica late?',
  seeds: [],
  *run() {},
})
const found = (subject: string, more: Partial<Finding> = {}): Finding =>
  finding(check.id, { subject, node: subject, message: `${subject} is late`, severity: 'error', ...more })
const muted = { owner: 'ann', reason: 'it is being moved', untilMs: Date.UTC(2027, 0, 1) }

const auditOf = (findings: readonly Finding[], blind: CheckResult['blind'] = []): Audit => ({
  name: 'auth',
  nodes: [
    { name: 'primary', role: 'primary', version: 'PostgreSQL 18.4', reader: 'watcher' },
    { name: 'reports', role: null, version: 'does not answer', reader: null },
  ],
  results: [{ check: check.id, looked: ['primary', 'reports'], blind, found: findings }],
  unnamed: [{ role: 'standby', by: 'primary', name: 'sb', address: '::1', port: null, slot: 'sb', database: 'auth' }],
})

const reportOf = (audit: Audit, baseline: ReturnType<typeof readBaseline> | null = null): CheckReport => ({
  atMs: t0,
  audits: [sortAudit(audit, baseline)],
  checks: [check],
  floor: 'error',
  hasBaseline: baseline !== null,
  endedMutes: [],
  source: null,
})

function baselineOf(report: CheckReport): ReturnType<typeof readBaseline> {
  const file = join(dir, 'baseline.json')
  writeFileSync(file, JSON.stringify(reportJson(report)))
  return readBaseline(file)
}

describe('a baseline', () => {
  test('takes what it has from what counts, and tells what is gone', () => {
    const baseline = baselineOf(reportOf(auditOf([found('standby'), found('reports')])))
    const report = reportOf(auditOf([found('standby'), found('other')]), baseline)
    expect(report.audits[0]).toMatchObject({
      counted: [{ subject: 'other' }],
      known: [{ subject: 'standby' }],
      resolved: [{ subject: 'reports', message: 'reports is late' }],
    })
    expect(failing(report).map(({ subject }) => subject)).toEqual(['other'])
    expect(reportJson(report)).toMatchObject({
      clusters: [{ findings: [{ subject: 'other' }], known: [{ subject: 'standby' }] }],
      summary: { error: 1, known: 1, resolved: 1 },
    })
  })

  test('of a run with a baseline holds what was known then', () => {
    const first = baselineOf(reportOf(auditOf([found('standby')])))
    const second = baselineOf(reportOf(auditOf([found('standby'), found('reports')]), first))
    expect(second.get('auth')?.map(({ subject }) => subject)).toEqual(['reports', 'standby'])
  })

  test('does not hold what was muted: the mute has an end', () => {
    expect(baselineOf(reportOf(auditOf([found('standby', { muted })]))).get('auth')).toEqual([])
  })

  test('calls nothing resolved that could not be looked at', () => {
    const baseline = baselineOf(reportOf(auditOf([found('reports')])))
    const blind = [{ node: 'reports', why: 'unreachable' as const, detail: 'no answer', remedy: 'start it' }]
    expect(reportOf(auditOf([], blind), baseline).audits[0]?.resolved).toEqual([])
    const other = { ...auditOf([]), results: [] }
    expect(reportOf(other, baseline).audits[0]?.resolved).toEqual([])
  })

  test.each([
    ['', 'is no baseline'],
    ['{', 'is no baseline'],
    ['[]', 'is no baseline'],
    ['{"clusters":[{"name":"auth"}]}', 'is no baseline'],
    ['{"version":"2.1.0","runs":[]}', 'is no baseline'],
    ['{"clusters":[{"name":"a","results":[],"findings":[{"check":1}]}],"summary":{"checks":1}}', 'is no baseline'],
  ])('that holds %j is refused', (text, words) => {
    const file = join(dir, 'foreign.json')
    writeFileSync(file, text)
    expect(() => readBaseline(file)).toThrow(expect.objectContaining({ exit: 2, message: `${file} ${words}` }))
  })

  test('that is not there is refused', () => {
    expect(() => readBaseline(join(dir, 'gone.json'))).toThrow('there is no such file')
  })
})

describe('every form', () => {
  const report = reportOf(
    auditOf(
      [found('standby'), found('old', { muted }), found('reports', { severity: 'warning' })],
      [{ node: 'reports', why: 'unreachable', detail: 'it does not answer', remedy: 'start it' }],
    ),
  )

  test('JSON is of the published shape, and says what is muted by whom', () => {
    const json = reportJson(report)
    expect(checkReportShape.parse(json)).toEqual(json)
    expect(json.clusters[0]?.findings.find(({ subject }) => subject === 'old')).toMatchObject({
      muted: { owner: 'ann', reason: 'it is being moved', until: '2027-01-01T00:00:00.000Z' },
    })
    expect(json.summary).toMatchObject({ error: 1, warning: 1, muted: 1, blind: 1 })
    expect(json.clusters[0]?.unnamed).toMatchObject([{ url: 'postgres://watcher@[::1]:PORT/auth' }])
  })

  test('SARIF has a rule for each check, results on their subjects, and fingerprints that stay', () => {
    const log = reportSarif(report)
    const [run] = log.runs
    expect(run?.tool.driver.rules).toEqual([
      {
        id: check.id,
        shortDescription: { text: 'Is a replica late?' },
        fullDescription: { text: expect.stringContaining('docs/checks/replication/lag-time.md') },
        help: {
          text: 'docs/checks/replication/lag-time.md',
          markdown: '[docs/checks/replication/lag-time.md](docs/checks/replication/lag-time.md)',
        },
        defaultConfiguration: { level: 'error' },
      },
    ])
    expect(run?.results.map(({ ruleId, ruleIndex, level }) => [ruleId, ruleIndex, level])).toEqual([
      [check.id, 0, 'error'],
      [check.id, 0, 'warning'],
      [check.id, 0, 'error'],
    ])
    expect(run?.results[0]?.locations).toEqual([
      { logicalLocations: [{ name: 'standby', fullyQualifiedName: 'auth/standby', kind: 'resource' }] },
    ])
    expect(run?.results[2]?.suppressions).toEqual([{ kind: 'external', justification: 'ann: it is being moved' }])
    const prints = (text: string) =>
      reportSarif(reportOf(auditOf([found('standby', { message: text })]))).runs[0]?.results[0]?.partialFingerprints
    expect(prints('35 s behind')).toEqual(prints('36 s behind'))
    expect(new Set(run?.results.map((result) => Object.values(result.partialFingerprints)[0])).size).toBe(3)
    expect(run?.invocations[0]?.toolExecutionNotifications).toMatchObject([{ associatedRule: { id: check.id } }])
  })

  test('SARIF names the line of the node, and what the baseline says', () => {
    const baseline = baselineOf(reportOf(auditOf([found('standby'), found('gone')])))
    const source = { file: 'antemortem.yaml', places: { 'clusters.auth.nodes.standby.url': 'antemortem.yaml:6:23' } }
    const log = reportSarif({ ...reportOf(auditOf([found('standby'), found('reports')]), baseline), source })
    expect(log.runs[0]?.results.map(({ baselineState }) => baselineState)).toEqual(['new', 'unchanged', 'absent'])
    expect(log.runs[0]?.results[1]?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'antemortem.yaml' },
      region: { startLine: 6 },
    })
  })

  test('JUnit fails what is at or above the floor, and skips what could not be looked at', () => {
    expect(reportJunit(report)).toMatch(/tests="1" failures="1" errors="0" skipped="0"/)
    expect(reportJunit(report)).toContain('muted: old is late')
    const higher = { ...report, floor: 'critical' as const }
    expect(reportJunit(higher)).toMatch(/failures="0" errors="0" skipped="1"/)
    expect(reportJunit(higher)).toContain('<skipped message="not seen on reports: it does not answer"/>')
  })

  test('Markdown and text say what to do, and what is lived with', () => {
    expect(reportMarkdown(report)).toMatch(/^## auth: 1 error, 1 warning\n/)
    expect(reportMarkdown(report)).toContain('<summary>1 muted</summary>')
    const [audit] = report.audits
    const text = audit ? auditText(audit, makeStyle(false), 80) : []
    expect(text.join('\n')).toContain('muted     old is late (ann, until 2026-12-31: it is being moved)')
    expect(text.join('\n')).toContain('no url    primary tells of a standby: sb')
  })
})
