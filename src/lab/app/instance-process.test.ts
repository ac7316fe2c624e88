import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepLogs } from '../keep-logs.ts'
import { startInstance } from './instance-process.ts'

let dir: string
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'instance-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const start = async () =>
  startInstance({
    instance: 'app1',
    applicationName: 'login-1',
    envFile: join(dir, 'no.env'),
    releaseFile: join(dir, 'release.json'),
    passwordsFile: join(dir, 'passwords'),
    outcomes: join(dir, 'outcomes.ndjson'),
    reads: ['primary'],
    primary: 'primary',
    users: 1,
    loginsPerSecond: 1,
    firstTurn: 0,
    detached: true,
    log: join(dir, 'app1.log'),
  })

test('an instance that cannot start says why, and where its log lies', async () => {
  await expect(start()).rejects.toMatchObject({
    code: 'lab-app-failed',
    message: expect.stringMatching(/^instance app1 of the login application has ended: Error: ENOENT.*no\.env/),
    hint: `Its log: ${join(dir, 'app1.log')}`,
  })
  expect(readFileSync(join(dir, 'app1.log'), 'utf8')).toMatch(/ENOENT[^]*\n {4}at /)
})

test('the logs of a lab outlive it, where they say anything', () => {
  expect(keepLogs(dir)).toBeNull()
  mkdirSync(join(dir, 'app.files'))
  writeFileSync(join(dir, 'app.files/app1.log'), 'words')
  writeFileSync(join(dir, 'app.files/app2.log'), '')
  writeFileSync(join(dir, 'primary.log'), 'more')
  const kept = keepLogs(dir) ?? ''
  expect(readdirSync(kept).toSorted()).toEqual(['app1.log', 'primary.log'])
  rmSync(kept, { recursive: true })
})
