import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Alert, Peer } from './prometheus.ts'

const program = '/usr/bin/check_postgres'
/** As a monitoring host runs its plug-ins, but more often than most. */
const everyMs = 15_000

/** What is usually watched with it, with limits on the careful side. */
const actions: readonly (readonly [action: string, ...options: string[]])[] = [
  ['connection'],
  ['backends', '--warning=80%', '--critical=90%'],
  ['commitratio', '--warning=95%', '--critical=90%'],
  ['txn_idle', '--warning=30 s', '--critical=60 s'],
  ['txn_time', '--warning=60 s', '--critical=300 s'],
  ['query_time', '--warning=60 s', '--critical=300 s'],
  ['locks', '--warning=100', '--critical=200'],
  ['replication_slots', '--warning=100MB', '--critical=1GB'],
  ['sequence', '--warning=85%', '--critical=95%'],
]

export interface Server {
  readonly node: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
}

/** check_postgres as Debian has it, every action for every server, again and again. */
export async function startCheckPostgres(servers: readonly Server[]): Promise<Peer> {
  if (!existsSync(program))
    throw new Error(`${program} is missing; install it with: script/install-debian check-postgres`)
  const firing = new Map<string, Alert>()
  const ended = new AbortController()
  const look = async (server: Server, [action, ...options]: (typeof actions)[number]): Promise<void> => {
    const code = await run(server, action, options)
    const key = `${action} ${server.node}`
    if (code === 1 || code === 2) firing.set(key, { name: action, node: server.node, names: null, sinceMs: null })
    else if (code === 0) firing.delete(key)
  }
  const loop = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const nextAt = performance.now() + everyMs
      for (const action of actions) {
        if (ended.signal.aborted) return
        await Promise.all(servers.map(async (server) => look(server, action)))
      }
      await sleep(Math.max(0, nextAt - performance.now()), undefined, { signal: ended.signal }).catch(() => undefined)
    }
  }
  const running = loop()
  return {
    name: 'check_postgres',
    alerts: async () => Promise.resolve([...firing.values()]),
    close: async () => {
      ended.abort()
      await running
    },
  }
}

/** 0 is fine, 1 a warning, 2 critical, 3 unknown: what a plug-in cannot do on this server is no alert. */
async function run(server: Server, action: string, options: readonly string[]): Promise<number | null> {
  const child = spawn(
    'setpriv',
    [
      '--pdeathsig=KILL',
      program,
      `--action=${action}`,
      '--host=127.0.0.1',
      `--port=${server.port}`,
      `--dbname=${server.database}`,
      `--dbuser=${server.user}`,
      '--timeout=10',
      ...options,
    ],
    { stdio: 'ignore', env: { PATH: process.env['PATH'], PGPASSWORD: server.password }, timeout: 20_000 },
  )
  const [code]: unknown[] = await once(child, 'exit')
  return typeof code === 'number' ? code : null
}
