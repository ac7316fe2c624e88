import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const program = '/usr/sbin/sshd'
export const hasSshd = existsSync(program)

/** A real sshd of our own: its own host key, keys and port, and nobody else's configuration. */
export interface Sshd extends AsyncDisposable {
  readonly dir: string
  readonly target: string
  /** Options that make the system's ssh use our keys and nothing of the user's. */
  readonly args: readonly string[]
  /** What it has said. */
  log(): string
  /** One line of authorized_keys: options, then the key. */
  allow(options: string): void
  newHostKey(): Promise<void>
  knowHost(): void
  stop(): Promise<void>
}

export async function startSshd(): Promise<Sshd> {
  const dir = mkdtempSync(join(tmpdir(), 'sshd-'))
  const path = (name: string): string => join(dir, name)
  const keygen = (name: string): void => {
    rmSync(path(name), { force: true })
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path(name)])
  }
  const port = await freePort()
  keygen('host')
  keygen('user')
  writeFileSync(path('authorized'), '')
  writeFileSync(
    path('sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${path('host')}`,
      `AuthorizedKeysFile ${path('authorized')}`,
      `PidFile ${path('pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'LogLevel INFO',
    ].join('\n'),
  )
  writeFileSync(
    path('ssh_config'),
    [
      'Host *',
      `  Port ${port}`,
      `  IdentityFile ${path('user')}`,
      '  IdentitiesOnly yes',
      '  IdentityAgent none',
      `  UserKnownHostsFile ${path('known')}`,
      '  GlobalKnownHostsFile /dev/null',
      '  PreferredAuthentications publickey',
    ].join('\n'),
  )
  // As root it separates its privileges there; a system that boots has the folder.
  const isMade = process.getuid?.() === 0 && !existsSync('/run/sshd')
  if (isMade) mkdirSync('/run/sshd', { mode: 0o755 })
  let child: ChildProcess | null = null
  const start = async (): Promise<void> => {
    child = spawn(program, ['-D', '-E', path('log'), '-f', path('sshd_config')], { stdio: 'ignore' })
    const until = Date.now() + 10_000
    while (!existsSync(path('pid'))) {
      if (Date.now() > until || child.exitCode !== null) throw new Error(`sshd did not start: ${log()}`)
      await sleep(20)
    }
  }
  const log = (): string => (existsSync(path('log')) ? readFileSync(path('log'), 'utf8') : '')
  const stop = async (): Promise<void> => {
    const running = child
    child = null
    if (!running || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGTERM')
    await ended
    rmSync(path('pid'), { force: true })
  }
  const knowHost = (): void =>
    writeFileSync(path('known'), `[127.0.0.1]:${port} ${readFileSync(path('host.pub'), 'utf8')}`)
  knowHost()
  await start()
  return {
    dir,
    target: `${userInfo().username}@127.0.0.1`,
    args: ['-F', path('ssh_config')],
    log,
    allow: (options) => writeFileSync(path('authorized'), `${options} ${readFileSync(path('user.pub'), 'utf8')}`),
    knowHost,
    async newHostKey() {
      await stop()
      keygen('host')
      await start()
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      rmSync(dir, { recursive: true, force: true })
      if (isMade) rmSync('/run/sshd', { recursive: true, force: true })
    },
  }
}

const freePort = async (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
