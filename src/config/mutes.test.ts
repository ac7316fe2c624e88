import { describe, expect, test } from 'vitest'
import { readConfig } from './read.ts'

const vocabulary = { checks: [{ id: 'replication/lag-time' }, { id: 'replication/slot-lost' }] }

const configOf = (rest: string) =>
  readConfig(
    `clusters:
  auth:
    engine: postgres
    nodes: { primary: { url: "env:A" }, reports: { url: "env:B" } }
${rest}`,
    'antemortem.yaml',
    vocabulary,
  )

function refusal(rest: string): string {
  try {
    configOf(rest)
    return 'was read'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

describe('mutes', () => {
  test('name a check or a pattern, a subject, an owner, a reason and an end', () => {
    const text = `mutes:
  - { check: replication/lag-time, subject: reports, owner: ann, reason: it is being moved, until: 2027-03-31 }
  - { check: "replication/*", owner: ann, reason: known, until: "2027-03-31T18:00:00+02:00" }
`
    expect(configOf(text).mutes).toEqual([
      {
        check: 'replication/lag-time',
        subject: 'reports',
        owner: 'ann',
        reason: 'it is being moved',
        untilMs: Date.UTC(2027, 3, 1),
      },
      {
        check: 'replication/*',
        subject: null,
        owner: 'ann',
        reason: 'known',
        untilMs: Date.UTC(2027, 2, 31, 16),
      },
    ])
  })

  test("a team's own check can be muted", () => {
    const checks = '    checks: { one-admin: { sql: select 1, expect: 1 } }\n'
    const text = 'mutes: [{ check: custom/one-admin, owner: a, reason: b, until: 2027-01-01 }]\n'
    expect(configOf(checks + text).mutes).toHaveLength(1)
    expect(refusal(text)).toContain("unknown check 'custom/one-admin'")
  })

  test.each([
    ['{ check: replication/lag-time }', 'mutes[0].owner: is missing'],
    ['{ check: replication/lag-time, owner: a, until: 2027-01-01 }', 'mutes[0].reason: is missing'],
    ['{ check: replication/lag-time, owner: a, reason: "" , until: 2027-01-01 }', 'mutes[0].reason: is empty'],
    ['{ check: replication/lag-time, owner: a, reason: b }', 'mutes[0].until: is missing'],
    ['{ check: replication/lag-time, owner: a, reason: b, until: soon }', 'expected a day'],
    ['{ check: replication/lag-time, owner: a, reason: b, until: 2027-02-30 }', 'expected a day'],
    ['{ check: replication/lag-tmie, owner: a, reason: b, until: 2027-01-01 }', "did you mean 'replication/lag-time'?"],
    ['{ check: "capacity/*", owner: a, reason: b, until: 2027-01-01 }', "no check matches 'capacity/*'"],
    ['{ check: replication/lag-time, ownr: a, reason: b, until: 2027-01-01 }', "did you mean 'owner'?"],
  ])('%s is refused with its place', (entry, words) => {
    const said = refusal(`mutes:\n  - ${entry}\n`)
    expect(said).toMatch(/^antemortem\.yaml:6:\d+: mutes\[0\]/)
    expect(said).toContain(words)
  })
})

describe('checks', () => {
  const one = (body: string): string => `    checks:\n      every-user: ${body}\n`

  test('are statements with the answer that they must give', () => {
    const text = one(`{ sql: "select count(*) from users where password = 'x';", expect: 0, on: [primary, reports] }`)
    expect(configOf(text).clusters[0]?.invariants).toEqual([
      {
        name: 'every-user',
        sql: "select count(*) from users where password = 'x'",
        expect: '0',
        on: ['primary', 'reports'],
      },
    ])
    expect(configOf(one('{ sql: select true, expect: true }')).clusters[0]?.invariants).toMatchObject([
      { expect: 'true', on: [] },
    ])
    expect(configOf(one('{ sql: select 1, expect: "1", on: primary }')).clusters[0]?.invariants).toMatchObject([
      { on: ['primary'] },
    ])
  })

  test.each([
    ['{ sql: "delete from users", expect: 0 }', 'checks.every-user.sql: is no select'],
    ['{ sql: "select 1; select 2", expect: 0 }', 'holds a second statement'],
    ['{ sql: select 1 }', 'checks.every-user.expect: expected the value as text'],
    ['{ sql: select 1, expect: 1, on: [primry] }', "no node 'primry'; did you mean 'primary'?"],
    ['{ sql: select 1, expect: 1, on: report }', "did you mean 'reports'?"],
    ['{ sqll: select 1, expect: 1 }', "unknown key 'sqll', did you mean 'sql'?"],
  ])('%s is refused with its place', (body, words) => {
    expect(refusal(one(body))).toMatch(/^antemortem\.yaml:6:\d+: clusters\.auth\.checks\.every-user/)
    expect(refusal(one(body))).toContain(words)
  })
})
