import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exampleFile, stepOf, workflow, workflowShape } from './examples/workflow.ts'
import { ExampleRepository } from './examples/repository.ts'
import { sarifFaults } from './schemas/sarif.ts'

/** The program is started as a job starts it. */
const limits = { timeout: 120_000 }

let it: ExampleRepository
beforeEach(() => {
  it = new ExampleRepository()
})
afterEach(() => it[Symbol.dispose]())

test('the page shows the files as they are', () => {
  const page = readFileSync(new URL('../docs/gate-in-ci.md', import.meta.url), 'utf8')
  for (const [language, name] of [
    ['yaml', 'database-gate.yml'],
    ['sh', 'database-gate.sh'],
  ] as const)
    expect(page).toContain(`\`\`\`${language}\n${exampleFile(name)}\`\`\``)
})

test('the workflow has the form that GitHub takes, and asks for no more rights than it needs', () => {
  const { permissions, jobs } = workflowShape.parse(workflow())
  expect(permissions).toEqual({ contents: 'read' })
  expect(Object.entries(jobs).map(([name, job]) => [name, job.permissions])).toEqual([
    ['review', { contents: 'read', 'security-events': 'write' }],
    ['rehearse', undefined],
    ['deploy', { contents: 'write' }],
  ])
  for (const { steps } of Object.values(jobs)) {
    expect(steps[0]).toMatchObject({
      uses: expect.stringMatching(/^actions\/checkout@v\d+$/),
      with: { 'fetch-depth': 0 },
    })
    // What somebody may choose, the name of a branch, is no part of a script.
    for (const step of steps) expect(step.run ?? '').not.toContain('${{')
  }
  const upload = jobs['review']?.steps.at(-1)
  expect(upload).toMatchObject({ uses: 'github/codeql-action/upload-sarif@v3', with: { sarif_file: 'review.sarif' } })
  expect(upload?.if).toContain(`hashFiles('review.sarif')`)
})

const review = stepOf('review', 'review what this branch adds')

test.each([
  ['a change that breaks replication', 'drop publication pub;\n', 1, 'BLOCK', 1],
  ['one that cannot be read', 'creat table b (id int);\n', 2, 'db/002_b.sql:1: syntax error', null],
])('on a pull request the workflow reviews %s', limits, (_, sql, code, words, results) => {
  it.branch('feature', { 'db/002_b.sql': sql })
  const ran = it.run(review.run, { BASE: 'main' })
  expect([ran.code, ran.out + ran.err]).toEqual([code, expect.stringContaining(words)])
  const file = join(it.dir, 'review.sarif')
  expect(existsSync(file)).toBe(results !== null)
  if (results === null) return
  const log: unknown = JSON.parse(readFileSync(file, 'utf8'))
  expect(sarifFaults(log)).toEqual([])
  expect(log).toMatchObject({ runs: [{ results: Array.from({ length: results }, () => expect.anything()) }] })
})

test('the shell script reviews by the same line, and says how it is called', limits, () => {
  it.branch('feature', { 'db/002_b.sql': 'create table b (id int primary key);\n' })
  expect(it.script({}, 'review', 'main')).toMatchObject({ code: 0, out: expect.stringContaining('PASS db') })
  expect(it.script({})).toMatchObject({ code: 2, out: expect.stringContaining('database-gate.sh rehearse') })
  // Nothing is pending without the tag that says up to where: the script stops, and does not deploy nothing.
  it.git('tag', '--delete', 'deployed')
  expect(it.script({}, 'deploy').code).not.toBe(0)
})
