import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../lab.ts'
import { App } from './app.ts'
import { startInstance } from './instance-process.ts'
import type { AppRelease } from '../../core/lab-step.ts'
import { firstRelease } from './release.ts'
import { printEnv, readKey } from './settings.ts'

export interface AppOptions {
  readonly instances?: number
  /** Of each instance. */
  readonly loginsPerSecond?: number
  /** Names of the nodes that serve reads; all, where left out. */
  readonly reads?: readonly string[]
  /** Where its files lie; in the lab's directory, where left out. */
  readonly dir?: string
  readonly release?: AppRelease
  /** How many users there are, from 1. */
  readonly users?: number
  readonly usersTable?: string
  /** By which port it reaches a node; the server's own, where left out. */
  readonly portOf?: (node: string) => number
  readonly queryTimeoutMs?: number
  readonly connectTimeoutMs?: number
  /** It stays when this process ends, until the lab is taken away. Releases and settings are then files to write. */
  readonly detach?: boolean
}

/** Starts the login application against a lab: some real processes, each with a settings file of its own. */
export async function startApp(lab: Lab, options: AppOptions = {}): Promise<App> {
  const dir = options.dir ?? join(lab.dir, 'app.files')
  const reads = options.reads ?? lab.nodes.map(({ name }) => name)
  const outcomes = join(dir, 'outcomes.ndjson')
  const releaseFile = join(dir, 'release.json')
  const passwordsFile = join(dir, 'passwords')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  writeFileSync(outcomes, '')
  writeFileSync(passwordsFile, '')
  writeFileSync(releaseFile, JSON.stringify(options.release ?? firstRelease(options.usersTable ?? 'users')))
  const numbers = Array.from({ length: options.instances ?? 3 }, (_, n) => n + 1)
  const instances = await Promise.all(
    numbers.map(async (number) => {
      const envFile = join(dir, `app${number}.env`)
      writeFileSync(envFile, printEnv(settingsOf(lab, reads, options)), { mode: 0o600 })
      return startInstance({
        instance: `app${number}`,
        applicationName: `login-${number}`,
        envFile,
        releaseFile,
        passwordsFile,
        outcomes,
        reads,
        primary: primaryOf(lab).name,
        users: options.users ?? 1000,
        loginsPerSecond: options.loginsPerSecond ?? 5,
        firstTurn: number - 1,
        detached: options.detach ?? false,
        log: join(dir, `app${number}.log`),
      })
    }),
  )
  return new App({ dir, outcomes, releaseFile, passwordsFile, instances })
}

function settingsOf(lab: Lab, reads: readonly string[], options: AppOptions): Record<string, string> {
  const { name, host, database } = primaryOf(lab)
  const user = lab.blueprint.logins.app
  const portOf = options.portOf ?? ((node: string): number => lab.node(node).port)
  const route = (node: string): string => lab.url(node, 'app').replace(/:\d+\//, `:${portOf(node)}/`)
  return {
    DB_HOST: host,
    DB_PORT: String(portOf(name)),
    DB_NAME: database,
    DB_USER: user,
    DB_PASSWORD: lab.password(user),
    DB_SSLMODE: 'disable',
    DB_POOL_MAX: '2',
    DB_POOL_MIN: '1',
    DB_QUERY_TIMEOUT_MS: String(options.queryTimeoutMs ?? 2000),
    DB_CONNECT_TIMEOUT_MS: String(options.connectTimeoutMs ?? 2000),
    ...Object.fromEntries(reads.map((node) => [readKey(node), route(node)])),
  }
}

const primaryOf = (lab: Lab): Lab['nodes'][number] => {
  const primary = lab.nodes.find(({ role }) => role === 'primary')
  if (primary === undefined) throw new Error('a lab has a primary')
  return primary
}
