import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeOwned, writeStandbyFiles } from './build-server.ts'
import { labSettings } from './conf.ts'
import { copyTree, restoreTree } from './files.ts'
import { nodeOf, primaryOf, serverOf, upstreamOf, type LabNode, type LabState } from './lab-state.ts'
import { waitForFollowers } from './replication-waits.ts'
import { wakeSubscriptions } from './replication.ts'
import { startServer, stopServer, type StopMode } from './server.ts'
import { Session } from './sql.ts'
import type { Template } from './template.ts'

/** A session as superuser. */
export async function asAdmin<T>(state: LabState, node: LabNode, work: (session: Session) => Promise<T>): Promise<T> {
  const password = state.passwords['postgres'] ?? ''
  return Session.use({ port: node.port, user: 'postgres', password, database: node.database }, work)
}

export async function layOut(state: LabState, template: Template, signal?: AbortSignal): Promise<void> {
  await Promise.all(
    state.nodes.map(async (node, n) => copyTree(join(template.directory, String(n)), node.dataDir, signal)),
  )
}

/** Puts every file back that the servers have touched. They must be stopped. */
export function putBack(state: LabState, template: Template): void {
  for (const [n, node] of state.nodes.entries()) {
    restoreTree(join(template.directory, String(n)), node.dataDir, template.indexes[n] ?? {})
    rmSync(node.logFile, { force: true })
  }
}

/** Starts all servers, and returns when what is written on the primary reaches every other node. */
export async function startAll(state: LabState, signal?: AbortSignal): Promise<void> {
  const upstream = upstreamOf(state)
  for (const [n, node] of state.nodes.entries()) {
    const server = serverOf(state, node)
    writeOwned(server, 'lab.conf', labSettings(node))
    if (node.role === 'standby') writeStandbyFiles(server, state.blueprint.nodes[n]?.slot ?? '', upstream)
  }
  const start = async (nodes: readonly LabNode[]): Promise<void> =>
    allEnded(nodes.map(async (node) => startServer(serverOf(state, node), signal)))
  // A standby that comes before its primary waits for its next try.
  await start(state.nodes.filter(({ role }) => role !== 'standby'))
  await start(state.nodes.filter(({ role }) => role === 'standby'))
  for (const [n, { subscriptions }] of state.blueprint.nodes.entries()) {
    const node = state.nodes[n]
    if (node === undefined || subscriptions === undefined) continue
    await asAdmin(state, node, async (session) => wakeSubscriptions(session, subscriptions, upstream))
  }
  await followersCaughtUp(state, signal)
}

/** Until every standby and subscriber has what the primary has written so far. */
export async function followersCaughtUp(state: LabState, signal?: AbortSignal): Promise<void> {
  const slots = state.blueprint.nodes.flatMap((node) => (node.subscriptions ?? []).map(({ slot }) => slot))
  const standbys = state.nodes.filter(({ role }) => role === 'standby')
  await asAdmin(state, primaryOf(state), async (primary) => {
    const waits = standbys.map(async (node) =>
      asAdmin(state, node, async (standby) => waitForFollowers(primary, { standbys: [standby], slots: [], signal })),
    )
    await allEnded([...waits, waitForFollowers(primary, { standbys: [], slots, signal })])
  })
}

/** As Promise.all, but nothing goes on behind the back of whoever handles the failure. */
async function allEnded(work: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(work)
  await Promise.all(work)
}

/** At once and side by side: none needs another to stop. */
export async function stopAll(state: LabState, mode: StopMode): Promise<void> {
  await Promise.all(state.nodes.map(async (node) => stopServer(serverOf(state, node), mode)))
}

/** The server's words, for whoever waits for something in them. */
export function readLog(state: LabState, name: string): string {
  const { logFile } = nodeOf(state, name)
  return existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''
}
