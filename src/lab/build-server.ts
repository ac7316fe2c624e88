import { randomBytes } from 'node:crypto'
import { appendFileSync, chownSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { baseCluster } from './base-cluster.ts'
import type { Binaries } from './binaries.ts'
import type { Blueprint, BlueprintNode, BlueprintRole } from './blueprint.ts'
import { accessRules, confLines, labSettings, serverSettings, standbySettings } from './conf.ts'
import { copyTree } from './files.ts'
import type { Owner } from './owner.ts'
import { upstreamConninfo, type Upstream } from './replication.ts'
import { startServer, type Server } from './server.ts'
import { identifier, literal, Session } from './sql.ts'

export interface BuildOptions {
  readonly blueprint: Blueprint
  readonly binaries: Binaries
  readonly owner: Owner
  readonly cache: string
  /** Empty; node number n gets the folder n. */
  readonly directory: string
  readonly signal: AbortSignal | undefined
  readonly progress: (words: string) => void
}

/** Of every role that may log in. */
export type Passwords = Readonly<Record<string, string>>

/** A node while its template is built. */
export interface Site {
  readonly node: BlueprintNode
  readonly server: Server
  readonly port: number
}

export function choosePasswords(roles: readonly BlueprintRole[]): Passwords {
  const chosen = roles
    .filter((role) => /\blogin\b/i.test(role.attributes))
    .map((role): [string, string] => [role.name, role.password ?? randomBytes(12).toString('hex')])
  return { postgres: randomBytes(12).toString('hex'), ...Object.fromEntries(chosen) }
}

/** A primary or subscriber from initdb to an empty database with its roles, running. */
export async function createServer(
  site: Site,
  number: number,
  options: BuildOptions,
  passwords: Passwords,
): Promise<void> {
  const { blueprint, signal } = options
  const base = await baseCluster({ ...options, number })
  await copyTree(base.dataDir, site.server.dataDir, signal)
  writeFileSync(join(site.server.dataDir, 'pg_hba.conf'), accessRules)
  configure(site, options)
  await startServer(site.server, signal)
  const login = { port: site.port, user: 'postgres', password: base.password, database: 'postgres' }
  await Session.use(login, async (session) => {
    await session.each(rolesSql(blueprint.roles, passwords))
    if (blueprint.database !== 'postgres') await session.rows(`create database ${identifier(blueprint.database)}`)
  })
}

function rolesSql(roles: readonly BlueprintRole[], passwords: Passwords): readonly string[] {
  const set = Object.entries(passwords).map(
    ([name, word]) => `alter role ${identifier(name)} password ${literal(word)}`,
  )
  return [
    ...roles
      .filter((role) => role.name !== 'postgres')
      .map((role) => `create role ${identifier(role.name)} ${role.attributes}`),
    ...set,
    ...roles.flatMap((role) => role.after ?? []),
  ]
}

/** A standby is a copy of the stopped primary that has been told so. */
export async function createStandby(
  site: Site,
  primary: Site,
  upstream: Upstream,
  options: BuildOptions,
): Promise<void> {
  const { dataDir } = site.server
  await copyTree(primary.server.dataDir, dataDir, options.signal)
  for (const slot of readdirSync(join(dataDir, 'pg_replslot')))
    rmSync(join(dataDir, 'pg_replslot', slot), { recursive: true })
  const base = await baseCluster({ ...options, number: 0 })
  writeFileSync(join(dataDir, 'postgresql.conf'), readFileSync(join(base.dataDir, 'postgresql.conf')))
  configure(site, options)
  writeStandbyFiles(site.server, site.node.slot ?? '', upstream)
}

/** The server's own words, then ours, then those of one lab: the last one counts. */
function configure(site: Site, options: BuildOptions): void {
  const { blueprint, binaries } = options
  const settings = confLines(serverSettings(blueprint, site.node, binaries.major))
  appendFileSync(
    join(site.server.dataDir, 'postgresql.conf'),
    `\n# The lab\n${settings}include_if_exists = 'lab.conf'\n`,
  )
  writeOwned(site.server, 'lab.conf', labSettings({ name: site.node.name, port: site.port }))
}

export function writeStandbyFiles(server: Server, slot: string, upstream: Upstream): void {
  writeOwned(server, 'standby.signal', '')
  writeOwned(server, 'postgresql.auto.conf', standbySettings(slot, upstreamConninfo(upstream)))
}

/** A file of the data directory, given to those who run the server. */
export function writeOwned(server: Server, name: string, text: string): void {
  const file = join(server.dataDir, name)
  writeFileSync(file, text, { mode: 0o600 })
  if (server.owner !== null) chownSync(file, server.owner.uid, server.owner.gid)
}
