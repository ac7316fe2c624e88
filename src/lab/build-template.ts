import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  choosePasswords,
  createServer,
  createStandby,
  type BuildOptions,
  type Passwords,
  type Site,
} from './build-server.ts'
import { freePorts } from './ports.ts'
import { createSubscription, ownedBy, type Upstream } from './replication.ts'
import { waitForFollowers, waitForInitialCopy, waitForSyncedSlots } from './replication-waits.ts'
import { startServer, stopServer } from './server.ts'
import { sqlFailed } from './sql-failed.ts'
import { identifier, literal, Session } from './sql.ts'

/** A template under construction. */
interface Build extends BuildOptions {
  readonly primary: Site
  readonly standbys: readonly Site[]
  readonly subscribers: readonly Site[]
  readonly passwords: Passwords
  readonly upstream: Upstream
}

/** Builds a topology once: servers, roles, schema, data, standbys, subscriptions. Leaves it stopped; returns the passwords. */
export async function buildTemplate(options: BuildOptions): Promise<Passwords> {
  const build = await planBuild(options)
  const { primary, subscribers, progress } = build
  progress('creating the servers')
  await Promise.all([primary, ...subscribers].map(async (site, n) => createServer(site, n, build, build.passwords)))
  progress('loading the schema and the data')
  await load(build)
  progress('starting the replication')
  await replicate(build)
  progress('keeping the template')
  await rest(build)
  return build.passwords
}

async function planBuild(options: BuildOptions): Promise<Build> {
  const { blueprint, binaries, owner, directory } = options
  const passwords = choosePasswords(blueprint.roles)
  const ports = await freePorts(blueprint.nodes.length)
  const sites = blueprint.nodes.map((node, n): Site => ({
    node,
    port: ports[n] ?? 0,
    server: { bin: binaries.bin, owner, dataDir: join(directory, String(n)), logFile: join(directory, `${n}.log`) },
  }))
  const primary = sites.find(({ node }) => node.role === 'primary')
  if (primary === undefined) throw new Error('a checked blueprint has a primary')
  const user = blueprint.logins.replication
  return {
    ...options,
    primary,
    standbys: sites.filter(({ node }) => node.role === 'standby'),
    subscribers: sites.filter(({ node }) => node.role === 'subscriber'),
    passwords,
    upstream: { port: primary.port, user, password: passwords[user] ?? '', database: blueprint.database },
  }
}

async function inDatabase<T>(build: Build, site: Site, work: (session: Session) => Promise<T>): Promise<T> {
  const password = build.passwords['postgres'] ?? ''
  return Session.use({ port: site.port, user: 'postgres', password, database: build.blueprint.database }, work)
}

/** The blueprint's own statements. */
async function carryOut(session: Session, site: Site, statements: readonly string[]): Promise<void> {
  for (const sql of statements)
    await session.rows(sql).catch((error: unknown) => {
      throw sqlFailed(site.node.name, sql, error)
    })
}

async function load(build: Build): Promise<void> {
  const { blueprint, primary, standbys, subscribers } = build
  await Promise.all(
    [primary, ...subscribers].map(async (site) =>
      inDatabase(build, site, async (session) => carryOut(session, site, site.node.schema ?? [])),
    ),
  )
  await inDatabase(build, primary, async (session) => {
    await carryOut(session, primary, blueprint.data)
    await session.each(
      standbys.map(({ node }) => `select pg_create_physical_replication_slot(${literal(node.slot ?? '')}, true)`),
    )
    await carryOut(session, primary, blueprint.publications)
    await session.rows('vacuum analyze')
  })
}

async function replicate(build: Build): Promise<void> {
  const { binaries, primary, standbys, subscribers, upstream, signal } = build
  if (standbys.length > 0) {
    await stopServer(primary.server, 'fast')
    for (const site of standbys) await createStandby(site, primary, upstream, build)
    await startServer(primary.server, signal)
    await Promise.all(standbys.map(async ({ server }) => startServer(server, signal)))
  }
  await Promise.all(
    subscribers.map(async (site) =>
      inDatabase(build, site, async (session) => {
        const subscriptions = site.node.subscriptions ?? []
        const create = subscriptions.map((one) => createSubscription(one, upstream, binaries.major))
        await carryOut(session, site, create)
        await waitForInitialCopy(session, signal)
        await carryOut(session, site, subscriptions.flatMap(ownedBy))
        await session.rows('vacuum analyze')
      }),
    ),
  )
  await waitUntilWhole(build)
}

async function waitUntilWhole(build: Build): Promise<void> {
  const { binaries, primary, standbys, subscribers, signal } = build
  const subscriptions = subscribers.flatMap(({ node }) => node.subscriptions ?? [])
  const kept = subscriptions.filter(({ failover }) => failover && binaries.major >= 17).map(({ slot }) => slot)
  await inDatabase(build, primary, async (session) => {
    for (const site of standbys)
      await inDatabase(build, site, async (standby) => {
        await waitForFollowers(session, { standbys: [standby], slots: subscriptions.map(({ slot }) => slot), signal })
        if (site.node.settings?.['sync_replication_slots'] === 'on' && kept.length > 0)
          await waitForSyncedSlots(session, standby, kept, signal)
      })
    await waitForFollowers(session, { standbys: [], slots: subscriptions.map(({ slot }) => slot), signal })
  })
}

/** Stops all in the order that leaves nothing to recover, and without what belongs to this build alone. */
async function rest(build: Build): Promise<void> {
  const { primary, standbys, subscribers } = build
  for (const site of subscribers) {
    const asleep = (site.node.subscriptions ?? []).map(({ name }) => `alter subscription ${identifier(name)} disable`)
    await inDatabase(build, site, async (session) => session.each(asleep))
    await stopServer(site.server, 'fast')
  }
  // It waits until its standbys have all that it wrote.
  await stopServer(primary.server, 'fast')
  for (const { server } of standbys) await stopServer(server, 'fast')
  for (const { server } of [primary, ...standbys, ...subscribers]) {
    rmSync(join(server.dataDir, 'lab.conf'))
    rmSync(server.logFile)
  }
}
