import { randomUUID } from 'node:crypto'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { CanaryRow } from '../../engines/postgres/act/canary-row.ts'
import { ReadFailed, type NodeReader } from '../../engines/postgres/rows/node-reader.ts'
import { missingGrants } from '../../engines/postgres/rows/privilege.ts'
import { Links } from '../../rows/links.ts'
import { awaitRow, byContract, byReader, type Looking, type Waiting } from './await-row.ts'
import { patienceMs, type Arrival, type Beat } from './beat.ts'
import { followersWith } from './followers.ts'
import { connectionsOf, owningContracts, type OwningContract } from './own-connections.ts'
import { writeRow } from './write-row.ts'

export interface Beating {
  readonly cluster: ClusterConfig
  /** The cluster before the change: where a row has to show. */
  readonly before: Snapshot
  readonly signal: AbortSignal
}

/**
 * Each contract that names a table as its own writes its row anew, on its own node by its own connection, and the row is
 * awaited on every node that follows. What no view of the server shows (a publication that is gone or has lost its table, a
 * filter, a trigger on the subscriber) shows here.
 */
export async function beatAll(beating: Beating): Promise<readonly Beat[]> {
  const links = new Links(beating.cluster, beating.signal, 'antemortem-gate-look')
  try {
    return await Promise.all(owningContracts(beating.cluster).map(async (one) => beatOf(one, beating, links)))
  } finally {
    await links.close()
  }
}

async function beatOf({ contract, table }: OwningContract, beating: Beating, links: Links): Promise<Beat> {
  const { cluster, before, signal } = beating
  const { node } = contract
  const connections = Map.groupBy(connectionsOf(cluster, contract), (target) => target.node)
  const own = connections.get(node) ?? []
  // A clock in it, for whoever reads the row; the rest makes it this one.
  const row: CanaryRow = { ...table, name: contract.name, beat: `${new Date().toISOString()} ${randomUUID()}` }
  const written = await writeRow(row, { targets: own, node, signal })
  const base = { contract: contract.name, ...table, node, written }
  if (written.state !== 'written') return { ...base, arrivals: [] }
  const reads = [...connections].filter(([name]) => name !== node)
  const others = followersWith(before, node, table).filter((name) => !connections.has(name))
  const waiting = { patienceMs: patienceMs(contract.staleMs), signal }
  const arrivals = await Promise.all([
    ...reads.map(async ([name, targets]) => awaitRow(byContract(name, targets), row, waiting)),
    ...others.map(async (name) => readOn(await links.reader(name), row, waiting)),
  ])
  const isLate = arrivals.some(({ state }) => state === 'missing')
  const isOurs = !isLate || (await stillThere(byContract(node, own), row, signal))
  return { ...base, arrivals: isOurs ? arrivals : arrivals.map(overwritten) }
}

/** What another gate has written since is not what we look for. */
async function stillThere(looking: Looking, row: CanaryRow, signal: AbortSignal): Promise<boolean> {
  const { state, detail } = await awaitRow(looking, row, { patienceMs: 0, signal })
  return state !== 'missing' || detail !== null
}

const overwritten = (arrival: Arrival): Arrival =>
  arrival.state === 'missing'
    ? { ...arrival, state: 'not-seen', detail: 'somebody else has written the row since: another gate is at work' }
    : arrival

/** What the reading role was not granted is looked for first, so that no refusal stands in the server's log. */
async function readOn(reader: NodeReader, row: CanaryRow, waiting: Waiting): Promise<Arrival> {
  const blind = (detail: string): Arrival => ({
    node: reader.name,
    by: 'reading-role',
    state: 'not-seen',
    waitedMs: 0,
    detail,
  })
  try {
    const grants = await missingGrants(reader, row, waiting.signal)
    if (grants.length > 0) return blind(`the reading role may not read it: ${grants.join(' ')}`)
  } catch (error) {
    if (error instanceof ReadFailed) return blind(error.message)
    throw error
  }
  return awaitRow(byReader(reader), row, waiting)
}
