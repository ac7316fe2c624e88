/** One instance of the login application, as a process: what a team's own service would be. */
import { appendFileSync } from 'node:fs'
import { randomInt } from 'node:crypto'
import { login } from './login.ts'
import { readPasswords } from './passwords.ts'
import { openPools } from './pools.ts'
import { firstRelease, readRelease } from './release.ts'
import { readSettings } from './settings.ts'
import { watchFile } from './watch-file.ts'
import type { InstanceOptions, InstanceMessage } from './instance-options.ts'

const inFlightLimit = 50

// Written by `startApp`, on our own command line.
const options = JSON.parse(process.argv[2] ?? '{}') as InstanceOptions
// Whoever listened may be gone between the question and the message: that is for `disconnect` below.
const tell = (message: InstanceMessage): void => {
  if (process.connected) process.send?.(message, () => undefined)
}

let pools = openPools(readSettings(options.envFile, options.reads), options.applicationName)
let release = readRelease(options.releaseFile) ?? firstRelease('users')
let passwords = readPasswords(options.passwordsFile)
let turn = options.firstTurn
const underWay = new Set<Promise<void>>()

/** A load balancer's view: the nodes in turn, whether they answer or not. */
async function loginOnce(): Promise<void> {
  const node = options.reads[turn++ % options.reads.length] ?? options.primary
  const deployed = release
  const result = await login(pools, deployed, {
    node,
    primary: options.primary,
    userId: randomInt(1, options.users + 1),
    changed: passwords,
  })
  const line = { at: new Date().toISOString(), instance: options.instance, ...result, release: deployed.name }
  report(`${JSON.stringify(line)}\n`)
}

/** One write: lines of several instances never mix. Where the folder is gone, so is the lab. */
function report(line: string): void {
  try {
    appendFileSync(options.outcomes, line)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    process.exit(0)
  }
}

watchFile(options.releaseFile, () => {
  release = readRelease(options.releaseFile) ?? release
  tell({ release: release.name })
})

watchFile(options.passwordsFile, () => {
  passwords = readPasswords(options.passwordsFile) ?? passwords
  tell({ passwords: true })
})

watchFile(options.envFile, () => {
  const old = pools
  const opened = openPools(readSettings(options.envFile, options.reads), options.applicationName)
  pools = opened
  // Logins that are under way end on the old connections.
  void Promise.allSettled(underWay).then(async () => old.end())
  void opened.started().then(() => tell({ settings: true }))
})

// Nobody is left to read what we would write.
if (!options.detached) process.once('disconnect', () => process.exit(0))
process.once('SIGTERM', () => process.exit(0))
setInterval(() => {
  if (underWay.size >= inFlightLimit) return
  const one = loginOnce().finally(() => underWay.delete(one))
  underWay.add(one)
}, 1000 / options.loginsPerSecond)
tell({ ready: true })
