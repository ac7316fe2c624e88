import { spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../src/lab/lab.ts'
import { serverOwner } from '../src/lab/owner.ts'
import { freePorts, isFree } from '../src/lab/ports.ts'

const program = '/usr/sbin/pgbouncer'
/** Debian's package, as script/install-debian installs it. */
export const hasPgbouncer = existsSync(program)

/** A real pooler in front of one server of a lab. */
export interface Pgbouncer extends AsyncDisposable {
  readonly port: number
  /** The address of a node, by way of the pooler. */
  through(url: string): string
  log(): string
}

export interface PgbouncerOptions {
  readonly lab: Lab
  readonly node: string
  readonly mode: 'session' | 'transaction'
  /** Roles of the lab that it lets in. */
  readonly roles: readonly string[]
  /** Where the server is said to be; where it is, unless told otherwise. */
  readonly serverPort?: number
  readonly settings?: Readonly<Record<string, string>>
}

export async function startPgbouncer(options: PgbouncerOptions): Promise<Pgbouncer> {
  const { lab, node, mode, roles, serverPort = lab.node(node).port, settings = {} } = options
  const dir = mkdtempSync(join(tmpdir(), 'pgbouncer-'))
  const owner = serverOwner()
  const write = (name: string, lines: readonly string[]): string => {
    const file = join(dir, name)
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
    if (owner) chownSync(file, owner.uid, owner.gid)
    return file
  }
  chmodSync(dir, 0o711)
  const [port = 0] = await freePorts(1)
  const { database } = lab.node(node)
  const users = write(
    'users',
    roles.map((role) => `"${role}" "${lab.password(role)}"`),
  )
  const log = write('log', [])
  const ini = write('pgbouncer.ini', [
    '[databases]',
    `${database} = host=127.0.0.1 port=${serverPort} dbname=${database}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${users}`,
    `logfile = ${log}`,
    `pool_mode = ${mode}`,
    // One session of the server for all: what somebody leaves in it, the next one has.
    'default_pool_size = 1',
    ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
  ])
  const child = spawn(program, ['-q', ini], { ...owner, cwd: '/', stdio: 'ignore' })
  const said = (): string => readFileSync(log, 'utf8')
  const until = Date.now() + 10_000
  while (await isFree(port)) {
    if (Date.now() > until || child.exitCode !== null) throw new Error(`pgbouncer did not start: ${said()}`)
    await sleep(20)
  }
  return {
    port,
    through: (url) => url.replace(/(?<=@127\.0\.0\.1:)\d+/, String(port)),
    log: said,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (child.exitCode === null && child.kill('SIGKILL')) await ended
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
